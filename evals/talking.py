"""A person in a conversation: says things and presses buttons through `Concierge`, and keeps all that comes back."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select

from agent.answers import Answer, ShownProposal
from agent.errors import CallerError
from agent.interface import Message
from agent.store.conversations import Entry
from agent.store.tables import claims
from evals.cases import Turn
from evals.casting import Cast
from evals.customer import Heard, presses_anyway
from evals.record import Exchange, Record, ToolUse, card_words
from evals.stage import Stage
from tools.context import Grant, GrantLevel, Speaker
from tools.domain.ids import RecordLocator

IDLE = timedelta(minutes=30)
NO_CODE = "471099"
"""What stands for {CODE} when none was sent."""


@dataclass
class Talking:
    stage: Stage
    actors: Cast
    record: Record
    presses: bool = True
    """Whether this person presses the button of a card whose yes was not enough. An attacker has their lines only."""
    id: str = ""
    speaker: Speaker = field(default_factory=lambda: Speaker(kind="anonymous"))
    heard: Heard = field(default_factory=Heard)
    card: ShownProposal | None = None
    read: int = 0
    """Entries of the transcript that were taken already."""

    async def open(self, *, both: bool) -> None:
        """Someone at level booking or verified has proved their booking; both: a second one of theirs too."""
        opened = await self.stage.platform.concierge.open(self.actors.speaker)
        self.id, self.speaker = opened.id, replace(self.actors.speaker, secret=opened.secret)
        if self.actors.level not in ("booking", "verified"):
            return
        level: GrantLevel = "booking" if self.actors.level == "booking" else "verified"
        for name in ("LOCATOR", "LOCATOR_B") if both else ("LOCATOR",):
            locator = RecordLocator(self.actors.values[name])
            grant = Grant(locator=locator, level=level, expires_at=self.stage.clock.now + IDLE)
            await self.stage.platform.stores.identities.add_grant(self.id, grant)

    async def do(self, turn: Turn) -> None:
        if turn.press:
            await self._press(turn.press)
            return
        await self._say(self._current(turn.say))
        if self.presses and presses_anyway(turn, self.heard):
            await self._press("confirm")

    async def keep_claims(self) -> None:
        """What was told, by the claims ledger, beside the reply that told it."""
        async with self.stage.platform.stores.database.reading() as connection:
            mine = select(claims.c.sentence).where(claims.c.conversation_id == self.id)
            told = [str(row.sentence).strip() for row in await connection.execute(mine)]
        for exchange in self.record.exchanges:
            exchange.claims = [sentence for sentence in told if sentence and sentence in exchange.reply]

    async def _say(self, text: str) -> None:
        exchange = Exchange(said=text)
        self.record.exchanges.append(exchange)
        concierge, started = self.stage.platform.concierge, time.perf_counter()
        try:
            running = await concierge.handle(Message(conversation_id=self.id, text=text), self.speaker)
            answer = await running.answer()
        except CallerError as error:
            exchange.reply, exchange.kind = str(error), "rejected"
            self.heard = Heard(text=str(error), kind="rejected")
            return
        exchange.milliseconds = (time.perf_counter() - started) * 1000
        exchange.tools = await self._new_tools()
        self._keep(exchange, answer)

    def _keep(self, exchange: Exchange, answer: Answer) -> None:
        if answer.secret:
            self.speaker = replace(self.speaker, secret=answer.secret)
        shown = answer.proposals[-1] if answer.proposals else None
        exchange.reply, exchange.kind = answer.message.text, answer.outcome.kind
        exchange.citations = [citation.clause_id for citation in answer.message.citations]
        exchange.model_calls = answer.usage.model_calls
        exchange.tokens = answer.usage.prompt_tokens + answer.usage.completion_tokens
        exchange.card = shown.model_dump(mode="json") if shown else None
        pending = shown is not None and shown.status == "pending"
        if shown is not None:
            self.card = shown if pending else None
        self.record.handoff = answer.handoff.state
        self.heard = Heard(
            text=exchange.reply,
            kind=exchange.kind,
            card=pending,
            shown=card_words(exchange.card) if pending and exchange.card else "",
            settled=shown is not None and shown.status == "executed",
            handoff=answer.handoff.state,
            listed="\n- " in exchange.reply,
        )

    async def _press(self, what: str) -> None:
        exchange = Exchange(said="", pressed=what, kind="answered")
        self.record.exchanges.append(exchange)
        started = time.perf_counter()
        try:
            exchange.reply, closed = await self._settle(what)
            exchange.card = closed.model_dump(mode="json") if closed else None
        except CallerError as error:
            exchange.reply, exchange.kind = str(error), "rejected"
        exchange.milliseconds = (time.perf_counter() - started) * 1000
        self.card = None
        self.heard = Heard(
            text=exchange.reply, kind=exchange.kind, settled=exchange.card is not None and what == "confirm"
        )

    async def _settle(self, what: str) -> tuple[str, ShownProposal | None]:
        if self.card is None:
            return "(no card to press)", None
        if what == "decline":
            return "(declined)", await self.stage.platform.concierge.decline(self.card.id, self.speaker)
        done = await self.stage.platform.concierge.confirm(self.card.id, self.speaker)
        return done.message.text, done.proposal

    def _current(self, text: str) -> str:
        """{CODE} is the one sent last; {CONFIRM} is the phrase on the card."""
        code = self.stage.codes.sent[-1] if self.stage.codes.sent else NO_CODE
        wrong = "111111" if code != "111111" else "222222"
        phrase = (self.card.confirm_phrase if self.card else None) or "yes"
        return self.actors.also(CODE=code, WRONG_CODE=wrong, CONFIRM=phrase).filled(text)

    async def _new_tools(self) -> list[ToolUse]:
        transcript = await self.stage.platform.stores.conversations.transcript(self.id)
        new, self.read = transcript[self.read :], len(transcript)
        return tool_uses(new)


def tool_uses(entries: Sequence[Entry]) -> list[ToolUse]:
    """The calls of a transcript with their outcomes."""
    asked: dict[str, dict[str, object]] = {}
    uses = []
    for entry in entries:
        calls = entry.payload.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            asked[str(call["id"])] = call["args"]
        if entry.role == "tool":
            told = json.loads(entry.text)
            uses.append(
                ToolUse(
                    name=str(entry.payload.get("name")),
                    arguments=asked.get(str(entry.payload.get("tool_call_id")), {}),
                    outcome=str(told.get("outcome")),
                    say=str(told.get("say", "")),
                    body=entry.text,
                )
            )
    return uses
