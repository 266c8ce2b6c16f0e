"""Plays one scripted conversation on a stage, through `Concierge.handle` and nothing else, and keeps what happened."""

import contextlib
import json

from agent.reader import hear
from evals.cases import Dialogue
from evals.casting import Cast, cast
from evals.customer import Astray, Customer
from evals.endstate import Picture, changes, picture
from evals.foreign import secrets_of
from evals.planting import planted, rename
from evals.record import Exchange, Record
from evals.replay import Action, open_card, reference_run
from evals.stage import Stage
from evals.talking import Talking
from tools.context import Speaker
from tools.sandbox.held import PACKETS

MOST_TURNS = 30
NOTHING_TO_DO = "(no gold actions)"
_VICTIMS_CARD = "VICTIM_PROPOSAL_ID"


async def play(stage: Stage, dialogue: Dialogue, *, named: str | None = None) -> Record:
    """The reference run first, then the conversation, each from the airline as it was seeded.

    named: another name for the person.
    """
    actors = cast_of(stage, dialogue)
    if named:
        actors = _renamed(stage, actors, named)
    with contextlib.ExitStack() as plants:
        _plant(stage, dialogue, actors, plants)
        record = Record()
        if dialogue.gold is not None:
            said = _said(dialogue, actors)
            gold = _gold(dialogue, actors)
            reference = await reference_run(stage, actors, gold, said)
            record.expected, record.reference = reference.changed, [use.say for use in reference.uses]
            plants.close()
            await stage.fresh()
            if named:
                actors = _renamed(stage, actors, named)
            _plant(stage, dialogue, actors, plants)
        await _converse(stage, dialogue, actors, record)
    return record


async def play_gold(stage: Stage, dialogue: Dialogue) -> Record:
    """The oracle: the gold actions stand for the conversation. Its words are what the tools and receipts say."""
    actors = cast_of(stage, dialogue)
    said = _said(dialogue, actors)
    gold = _gold(dialogue, actors)
    record = Record(typed="\n".join(said))
    _expect(record, dialogue, actors)
    record.expected = (await reference_run(stage, actors, gold, said)).changed if dialogue.gold is not None else None
    await stage.fresh()
    reference = await reference_run(stage, actors, gold, said)
    record.changed, record.tools_done, record.proposed = reference.changed, reference.executed, reference.executed
    words = "\n".join(f"{use.say}\n{use.body}" for use in reference.uses) or NOTHING_TO_DO
    refused = next((use.outcome for use in reference.uses if use.outcome in ("refused", "human_needed")), "oracle")
    record.exchanges = [Exchange(said="\n".join(said), reply=words, kind=refused, tools=reference.uses)]
    record.exchanges[0].citations = reference.clauses
    record.handoff = "queued" if any(use.name == "hand_off" for use in reference.uses) else "none"
    record.packet = _packet(stage)
    return record


def _gold(dialogue: Dialogue, actors: Cast) -> list[Action]:
    filled = (actors.fill(dict(step)) for step in dialogue.gold or ())
    return [step for step in filled if isinstance(step, dict)]


def _said(dialogue: Dialogue, actors: Cast) -> tuple[str, ...]:
    """The person's lines, as they are kept: cards masked, codes taken out."""
    return tuple(hear(actors.filled(turn.say), code_awaited=True).text for turn in dialogue.turns)


def cast_of(stage: Stage, dialogue: Dialogue) -> Cast:
    words = json.dumps(dialogue.raw, ensure_ascii=False)
    return cast(needs=dialogue.needs, words=words, speaker=dialogue.speaker, store=stage.store)


def _renamed(stage: Stage, actors: Cast, name: str) -> Cast:
    surname = rename(stage, actors.persona.locator, str(actors.persona.customer_id), name)
    return actors.also(SURNAME=surname, OWN_SURNAME=surname, CUSTOMER=name)


def _plant(stage: Stage, dialogue: Dialogue, actors: Cast, plants: contextlib.ExitStack) -> None:
    if dialogue.setup:
        where, text = str(dialogue.setup.get("where")), actors.filled(str(dialogue.setup.get("text")))
        plants.enter_context(planted(stage, actors, where, text, actors.filled(dialogue.turns[0].say)))


def _expect(record: Record, dialogue: Dialogue, actors: Cast) -> None:
    record.must_say = [actors.filled(pattern) for pattern in dialogue.must_say]
    record.must_not_say = [actors.filled(pattern) for pattern in dialogue.must_not_say]


async def _converse(stage: Stage, dialogue: Dialogue, actors: Cast, record: Record) -> None:
    before = picture(stage.store)
    if _VICTIMS_CARD in json.dumps(dict(dialogue.raw)):
        bag = {"record_locator": actors.victim.locator, "kind": "bag"}
        card = await open_card(stage, _victim(actors), "add_ancillary", bag)
        actors = actors.also(VICTIM_PROPOSAL_ID=card)
    _expect(record, dialogue, actors)
    _brief(stage, dialogue, actors, record)
    customer = stage.make_customer(dialogue, actors, lambda: stage.codes.sent[-1] if stage.codes.sent else "")
    talking = Talking(stage=stage, actors=actors, record=record, presses=customer.presses)
    await talking.open(both="LOCATOR_B" in json.dumps(dict(dialogue.raw)))
    try:
        await _talk(customer, talking)
    except Astray as trouble:
        record.astray = str(trouble)
    record.customer_calls, record.customer_tokens = customer.spent.calls, customer.spent.tokens
    waits = talking.heard.card or talking.heard.kind in ("identity_needed", "facts_needed", "clarify")
    record.unused = [turn.say or f"press {turn.press}" for turn in customer.left]
    record.blame_customer = bool(customer.left) and waits
    await _sum_up(talking, before)


async def _talk(customer: Customer, talking: Talking) -> None:
    for _ in range(MOST_TURNS):
        turn = await customer.next(talking.heard)
        if turn is None:
            return
        await talking.do(turn)


def _brief(stage: Stage, dialogue: Dialogue, actors: Cast, record: Record) -> None:
    """What must stay secret, and what a scripted model may use: the tools to try and every value of the attack."""
    record.typed = "\n".join(actors.filled(turn.say) for turn in dialogue.turns)
    text = f"{record.typed}\n{actors.filled(str((dialogue.setup or {}).get('text', '')))}"
    record.secrets = secrets_of(stage.store, actors, text)
    wanted = dialogue.check.get("no_write") or dialogue.check.get("no_proposal") or ("*",)
    stage.script.tools = tuple(str(name) for name in wanted)
    stage.script.values = {**actors.values, "TEXT": text}


async def _sum_up(talking: Talking, before: Picture) -> None:
    stage, record = talking.stage, talking.record
    proposals = await stage.platform.stores.proposals.of(talking.id)
    tools = {proposal.id: proposal.tool for proposal in proposals}
    seen = stage.watch.seen
    record.proposed = [proposal.tool for proposal in proposals]
    record.called = [use.name for exchange in record.exchanges for use in exchange.tools]
    record.tools_done = list(dict.fromkeys(write.tool(tools) for write in seen))
    record.writes = [f"{write.tool(tools)}: {write.service}.{write.method}({write.what})" for write in seen]
    record.changed = changes(before, picture(stage.store))
    record.packet = _packet(stage)
    await talking.keep_claims()


def _victim(actors: Cast) -> Speaker:
    customer = actors.victim.customer_id
    return Speaker(kind="customer", subject=str(customer), customer_id=customer, address="203.0.113.8")


def _packet(stage: Stage) -> dict[str, object]:
    """The packet of the case that was opened in this conversation."""
    seeded = {"CS00000001", "CSEVAL"}
    opened = [packet for packet in stage.store.all(PACKETS) if packet.case_id not in seeded]
    return dict(opened[-1].content) if opened else {}
