"""A small Concierge behind the real HTTP side: it answers by keyword and keeps everything in memory."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.answers import (
    Answer,
    Citation,
    CitationEvent,
    ConversationSummary,
    ConversationView,
    DoneEvent,
    Executed,
    HandoffEvent,
    LoggedEvent,
    Opened,
    OutcomeKind,
    ProposalArgument,
    ProposalEvent,
    SentenceEvent,
    ShownAmount,
    ShownHandoff,
    ShownMessage,
    ShownOutcome,
    ShownProposal,
    ToolEvent,
    TurnEvent,
    Usage,
)
from agent.desk.views import Resolution
from agent.errors import KeyReused, ProposalGone, UnknownCase, UnknownConversation, UnknownProposal
from agent.interface import DecidingLike, DeskLike, Message, ResolutionRequest
from agent.rates import LocalRates, Rates
from api.platform import PrivacyLike
from tools.context import Speaker
from tools.domain.errors import ServiceUnavailable

CABIN = Citation(clause_id="BAG-CABIN", version=2, title="Cabin baggage")
REFUND = Citation(clause_id="CXL-FLEX", version=1, title="Flexible fares are refundable")
NO_HANDOFF = ShownHandoff(state="none")
QUEUED = ShownHandoff(state="queued", case_id="CS-4711", position=2, note="Our contact centre answers from 6 to 22 h.")


@dataclass(frozen=True, kw_only=True)
class Person:
    id: str
    name: str
    role: Literal["customer", "agent", "supervisor", "evaluator"]
    story: str
    record_locator: str | None = None


ANNA = Person(
    id="C000001",
    name="Anna Lindqvist",
    role="customer",
    story="A flexible fare to Lisbon, to cancel.",
    record_locator="K7XQ2P",
)
BEN = Person(id="C000002", name="Ben Okafor", role="customer", story="A light fare that cannot be refunded.")
SARA = Person(id="agent-sara", name="Sara Novak", role="agent", story="Answers cases in the contact centre.")
PEOPLE: Sequence[Person] = (ANNA, BEN, SARA)


@dataclass
class Kept:
    owner: str
    view: ConversationView
    log: list[LoggedEvent] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)


class FakeTurn:
    """Its events are let out one by one by `gate`, when there is one."""

    def __init__(self, answer: Answer, events: Sequence[TurnEvent], gate: asyncio.Semaphore | None) -> None:
        self.message_id = answer.message.id
        self._answer = answer
        self._events = (*events, DoneEvent(answer=answer))
        self._gate = gate

    async def events(self) -> AsyncIterator[TurnEvent]:
        for event in self._events:
            if self._gate is not None:
                await self._gate.acquire()
            yield event

    async def answer(self) -> Answer:
        return self._answer


class FakeConcierge:
    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.answers: dict[tuple[str, str], tuple[str, FakeTurn]] = {}
        self.executed: list[str] = []
        self.rated: list[tuple[str, str, str]] = []
        self.gate: asyncio.Semaphore | None = None
        self.fault: Exception | None = None

    async def open(self, speaker: Speaker) -> Opened:
        name = f"cv-{secrets.token_hex(4)}"
        secret = None if speaker.subject else secrets.token_urlsafe(32)
        view = ConversationView(id=name, status="open", opened_at=_now(), messages=(), proposals=(), handoff=NO_HANDOFF)
        self.kept[name] = Kept(owner=speaker.subject or secret or "", view=view)
        return Opened(id=name, secret=secret)

    async def claim(self, conversation_id: str, speaker: Speaker, secret: str) -> ConversationView:
        kept = self.kept.get(conversation_id)
        if kept is None or kept.owner != secret:
            raise UnknownConversation("There is no such conversation, or it is not yours.")
        kept.owner = speaker.subject or ""
        return kept.view

    async def handle(self, message: Message, speaker: Speaker) -> FakeTurn:
        kept = self._own(message.conversation_id, speaker)
        if self.fault is not None:
            raise self.fault
        key = (message.conversation_id, message.idempotency_key or secrets.token_hex(8))
        if key in self.answers:
            text, turn = self.answers[key]
            if text != message.text:
                raise KeyReused("This Idempotency-Key came with another text before.")
            return turn
        turn = self._reply(kept, message.text)
        self.answers[key] = (message.text, turn)
        return turn

    def _reply(self, kept: Kept, text: str) -> FakeTurn:
        said, kind, events = _script(text)
        proposals = tuple(e.proposal for e in events if isinstance(e, ProposalEvent))
        cited = tuple(e.citation for e in events if isinstance(e, CitationEvent))
        handoff = next((e.handoff for e in events if isinstance(e, HandoffEvent)), kept.view.handoff)
        reply = _message("assistant", said, cited)
        kept.view = kept.view.model_copy(
            update={
                "messages": (*kept.view.messages, _message("customer", text), reply),
                "proposals": (*kept.view.proposals, *proposals),
                "handoff": handoff,
            }
        )
        for event in events:
            self._publish(kept, event)
        answer = Answer(
            message=reply,
            outcome=ShownOutcome(kind=kind),
            proposals=proposals,
            handoff=handoff,
            usage=Usage(),
            secret=self._rotated(kept) if "K7XQ2P" in text else None,
        )
        return FakeTurn(answer, events, self.gate)

    def join(self, conversation_id: str, text: str) -> None:
        """A colleague takes the conversation and writes."""
        kept = self.kept[conversation_id]
        joined = ShownHandoff(state="assigned", case_id=QUEUED.case_id)
        said = ShownMessage(id=f"ms-{secrets.token_hex(4)}", role="agent", text=text, at=_now())
        kept.view = kept.view.model_copy(update={"messages": (*kept.view.messages, said), "handoff": joined})
        self._publish(kept, HandoffEvent(handoff=joined))

    def _rotated(self, kept: Kept) -> str:
        kept.owner = secrets.token_urlsafe(32)
        return kept.owner

    def _publish(self, kept: Kept, event: TurnEvent) -> None:
        kept.log.append(LoggedEvent(id=len(kept.log) + 1, event=event))
        kept.heard.set()
        kept.heard = asyncio.Event()

    async def confirm(self, proposal_id: str, speaker: Speaker) -> Executed:
        kept, proposal = self._find(proposal_id, speaker)
        if proposal.status in {"declined", "expired", "superseded"}:
            raise ProposalGone(f"This proposal was {proposal.status}, so nothing was done.", _proposal())
        if proposal.status == "pending":
            self.executed.append(proposal_id)
            self._settle(kept, proposal.model_copy(update={"status": "executed"}))
            reply = _message(
                "assistant", "Booking **K7XQ2P** is cancelled. 249.90 EUR go back to your card.", (REFUND,)
            )
            kept.view = kept.view.model_copy(update={"messages": (*kept.view.messages, reply)})
        done = next(p for p in kept.view.proposals if p.id == proposal_id)
        return Executed(proposal=done, message=kept.view.messages[-1])

    async def decline(self, proposal_id: str, speaker: Speaker) -> ShownProposal:
        kept, proposal = self._find(proposal_id, speaker)
        declined = proposal.model_copy(update={"status": "declined"})
        self._settle(kept, declined)
        return declined

    def _settle(self, kept: Kept, settled: ShownProposal) -> None:
        proposals = tuple(settled if p.id == settled.id else p for p in kept.view.proposals)
        kept.view = kept.view.model_copy(update={"proposals": proposals})
        self._publish(kept, ProposalEvent(proposal=settled))

    async def conversation(self, conversation_id: str, speaker: Speaker) -> ConversationView:
        return self._own(conversation_id, speaker).view

    async def conversations(self, speaker: Speaker) -> tuple[ConversationSummary, ...]:
        return tuple(
            ConversationSummary(id=k.view.id, status="open", opened_at=k.view.opened_at, last_text="")
            for k in self.kept.values()
            if k.owner == speaker.subject
        )

    async def events(self, conversation_id: str, speaker: Speaker, after: int) -> AsyncIterator[LoggedEvent]:
        kept = self._own(conversation_id, speaker)
        while True:
            heard = kept.heard
            for logged in kept.log[after:]:
                yield logged
            after = max(after, len(kept.log))
            await heard.wait()

    async def resolve(self, request: ResolutionRequest, speaker: Speaker) -> Resolution:
        raise UnknownCase("There is no such case.")

    async def rate(self, conversation_id: str, message_id: str, speaker: Speaker, rating: str, comment: str) -> None:
        self._own(conversation_id, speaker)
        self.rated.append((message_id, rating, comment))

    def _own(self, conversation_id: str, speaker: Speaker) -> Kept:
        kept = self.kept.get(conversation_id)
        if kept is None or kept.owner != (speaker.subject or speaker.secret):
            raise UnknownConversation("There is no such conversation, or it is not yours.")
        return kept

    def _find(self, proposal_id: str, speaker: Speaker) -> tuple[Kept, ShownProposal]:
        for kept in self.kept.values():
            for proposal in kept.view.proposals:
                if proposal.id == proposal_id and kept.owner == (speaker.subject or speaker.secret):
                    return kept, proposal
        raise UnknownProposal("There is no such proposal, or it is not yours.")


def _script(text: str) -> tuple[str, OutcomeKind, tuple[TurnEvent, ...]]:
    if text.startswith("echo "):
        said = text.removeprefix("echo ")
        return said, "answered", (SentenceEvent(text=said),)
    if "cancel" in text.lower():
        proposal = _proposal()
        said = "Here is what cancelling would mean. Nothing happens until you confirm."
        tool = ToolEvent(name="cancel_booking", outcome="proposed")
        return said, "proposed", (tool, SentenceEvent(text=said), ProposalEvent(proposal=proposal))
    if "person" in text.lower():
        said = "I have handed this conversation to a colleague."
        return said, "human_needed", (SentenceEvent(text=said), HandoffEvent(handoff=QUEUED))
    first = "You may take **one cabin bag** of up to 8 kg, 55 x 40 x 23 cm."
    rest = "\n\n- A small bag fits under the seat.\n- Duty-free goods count as a small bag."
    events = (
        ToolEvent(name="search_policies", outcome="done"),
        SentenceEvent(text=first),
        SentenceEvent(text=rest),
        CitationEvent(citation=CABIN),
    )
    return first + rest, "answered", events


def _proposal() -> ShownProposal:
    return ShownProposal(
        id=f"pr-{secrets.token_hex(4)}",
        tool="cancel_booking",
        status="pending",
        summary="Cancel booking K7XQ2P, Vienna to Lisbon, 2 passengers",
        arguments=(ProposalArgument(name="record_locator", value="K7XQ2P", source="your words"),),
        amounts=(
            ShownAmount(name="refund", minor=24990, currency="EUR"),
            ShownAmount(name="fee", minor=0, currency="EUR"),
        ),
        grants=(),
        clauses=(REFUND,),
        confirm_phrase="cancel K7XQ2P",
        expires_at=_now() + timedelta(minutes=15),
    )


def _message(role: Literal["customer", "assistant"], text: str, cited: tuple[Citation, ...] = ()) -> ShownMessage:
    return ShownMessage(id=f"ms-{secrets.token_hex(4)}", role=role, text=text, citations=cited, at=_now())


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class FakePassage:
    clause_id: str
    version: int
    title: str
    text: str
    score: float


@dataclass(frozen=True, kw_only=True)
class FakeFound:
    passages: tuple[FakePassage, ...]
    degraded: bool = False


class FakeKnowledge:
    def search(self, query: str, *, on: date, audience: str, limit: int = 5) -> FakeFound:
        if "bag" not in query:
            return FakeFound(passages=())
        passage = FakePassage(clause_id="BAG-CABIN", version=2, title="Cabin baggage", text="One bag.", score=0.51)
        return FakeFound(passages=(passage,))


@dataclass(frozen=True, kw_only=True)
class FakeEffective:
    start: date
    until: date | None = None
    basis: str = "today"

    def covers(self, day: date) -> bool:
        return self.start <= day


@dataclass(frozen=True, kw_only=True)
class FakeClause:
    id: str
    version: int
    effective: FakeEffective
    audience: str = "customer"
    title: str = "Cabin baggage"
    authority: str = "carrier"
    body: str = "## What you may take\n\nEach passenger may take **one** cabin bag.\n\n- up to 8 kg\n- 55 x 40 x 23 cm"


@dataclass(frozen=True, kw_only=True)
class FakePack:
    clauses: tuple[FakeClause, ...]


def clause(name: str, version: int, since: int, audience: str = "customer") -> FakeClause:
    return FakeClause(id=name, version=version, effective=FakeEffective(start=date(since, 1, 1)), audience=audience)


async def fake_airline(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"the airline at {scope['path']}")(scope, receive, send)


class FakePlatform:
    def __init__(self) -> None:
        self.sandbox: ASGIApp | None = fake_airline
        self.concierge = FakeConcierge()
        self.knowledge = FakeKnowledge()
        self.pack = FakePack(
            clauses=(
                clause("BAG-CABIN", 1, 2020),
                clause("BAG-CABIN", 2, 2024),
                clause("BAG-CABIN", 3, 2999),
                clause("CXL-FLEX", 1, 2020),
                clause("GOODWILL", 1, 2020, "staff"),
            )
        )
        self.rates: Rates = LocalRates(time.time)
        self.states: Mapping[str, str] = {"database": "ok", "knowledge": "ok"}

    @property
    def privacy(self) -> PrivacyLike:
        raise UnknownCase("Nothing is kept here.")

    @property
    def desk(self) -> DeskLike:
        raise UnknownCase("Nobody works at a desk here.")

    @property
    def deciding(self) -> DecidingLike:
        raise UnknownCase("Nobody works at a desk here.")

    async def gauges(self) -> Mapping[str, float]:
        return {"concierge_turns_waiting": 0.0}

    async def health(self) -> Mapping[str, str]:
        return self.states


DOWN = ServiceUnavailable("booking", "no answer in 2 s")
