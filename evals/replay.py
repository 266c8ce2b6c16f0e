"""The reference run of a case: its gold actions through the executor and the execution, as the person who speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from agent.errors import CallerError
from agent.store.proposals import add_proposal
from agent.store.turns import new_id
from evals.casting import Cast, locators
from evals.endstate import changes, picture
from evals.record import ToolUse
from evals.stage import Stage
from tools.context import Grant, Speaker, TurnContext
from tools.domain.ids import ConversationId, MessageId
from tools.domain.outcomes import Done
from tools.executor import Caller, Ruling
from tools.telling import outcome_name, tell_outcome

Action = Mapping[str, Any]
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What the right run changes, and what it says on the way, by which clauses. executed: the cards it carried out."""

    changed: list[str]
    uses: list[ToolUse]
    clauses: list[str]
    executed: list[str] = field(default_factory=list)


async def reference_run(stage: Stage, cast: Cast, gold: Sequence[Action], said: tuple[str, ...]) -> Reference:
    """Starts from the airline as it stands. A gold action that is refused changes nothing, and that is its reference.

    Every gold action is judged as a colleague's would be, so no argument needs a source; identity, ownership and policy
    are judged as ever. Somebody not signed in has proved their own bookings first.
    """
    before = picture(stage.store)
    opened = await stage.platform.concierge.open(cast.speaker)
    speaker = replace(cast.speaker, secret=opened.secret)
    grants = await _prove(stage, cast, opened.id)
    uses: list[ToolUse] = []
    executed: list[str] = []
    clauses: list[str] = []
    for action in gold:
        name = str(action["tool"])
        arguments = dict(action.get("arguments") or {})
        turn = _turn(stage, opened.id, speaker, grants, said)
        ruling = await stage.platform.executor.call(name, arguments, turn, by=_by(name))
        say = ruling.outcome.say
        if ruling.proposal is not None:
            say = f"{say} {ruling.proposal.summary}. {await _carry_out(stage, ruling, speaker)}"
            executed.append(name)
        clauses += [clause.clause_id for clause in getattr(ruling.outcome, "clauses", ())]
        uses.append(_use(name, arguments, ruling, say))
    return Reference(changed=changes(before, picture(stage.store)), uses=uses, clauses=clauses, executed=executed)


async def _prove(stage: Stage, cast: Cast, conversation_id: str) -> tuple[Grant, ...]:
    if cast.speaker.kind != "anonymous":
        return ()
    live = stage.clock.now + HOUR
    grants = tuple(Grant(locator=name, level="verified", expires_at=live) for name in locators(cast.values))
    for grant in grants:
        await stage.platform.stores.identities.add_grant(conversation_id, grant)
    return grants


def _turn(
    stage: Stage, conversation_id: str, speaker: Speaker, grants: tuple[Grant, ...], said: tuple[str, ...]
) -> TurnContext:
    return TurnContext(
        conversation_id=ConversationId(conversation_id),
        message_id=MessageId(new_id("m")),
        speaker=speaker,
        grants=grants,
        said=said,
        now=stage.clock.now,
    )


def _by(tool: str) -> Caller:
    return "reader" if tool in ("withdraw_consent",) else "desk"


async def _carry_out(stage: Stage, ruling: Ruling, speaker: Speaker) -> str:
    if ruling.proposal is None:
        raise LookupError("nothing to carry out")
    async with stage.platform.stores.database.writing() as connection:
        await add_proposal(connection, ruling.proposal)
    try:
        executed = await stage.platform.concierge.confirm(ruling.proposal.id, speaker)
    except CallerError as error:
        return str(error)
    return executed.message.text


def _use(name: str, arguments: dict[str, object], ruling: Ruling, say: str) -> ToolUse:
    told = tell_outcome(ruling.outcome)
    body = str(told.get("data", "")) if isinstance(ruling.outcome, Done) else ""
    return ToolUse(name=name, arguments=arguments, outcome=outcome_name(ruling.outcome), say=say, body=body)


async def open_card(stage: Stage, speaker: Speaker, tool: str, arguments: Action) -> str:
    """A card that somebody else has in front of them, in a conversation of their own; its id."""
    opened = await stage.platform.concierge.open(speaker)
    turn = _turn(stage, opened.id, replace(speaker, secret=opened.secret), (), ())
    ruling = await stage.platform.executor.call(tool, arguments, turn, by="desk")
    if ruling.proposal is None:
        raise LookupError(f"{tool} shows no card: {ruling.outcome.say}")
    async with stage.platform.stores.database.writing() as connection:
        await add_proposal(connection, ruling.proposal)
    return ruling.proposal.id
