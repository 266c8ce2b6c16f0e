"""One turn at work: what it knows, what it has done so far, and where it says it. Lives as long as the turn."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.answers import (
    Choice,
    Citation,
    CitationEvent,
    OutcomeKind,
    SentenceEvent,
    ToolEvent,
    TurnEvent,
)
from agent.claims.check import ClaimsCheck
from agent.claims.evidence import Evidence, evidence_of_call, evidence_of_proposal
from agent.showing import show_clause
from agent.store.conversations import Entry
from agent.store.turns import Backing, ClaimTold, new_id
from agent.usage import Tally
from knowledge.clause import ClauseRef
from tools.audit import AuditRecord
from tools.context import TurnContext
from tools.domain.outcomes import Done, Event, Outcome
from tools.executor import Ruling
from tools.proposals import Proposal
from tools.telling import outcome_name, tell_outcome

_PRIORITY: tuple[OutcomeKind, ...] = (
    "proposed",
    "human_needed",
    "unavailable",
    "refused",
    "facts_needed",
    "identity_needed",
    "answered",
)


@dataclass
class TurnScope:
    """Mutable on purpose, and only within its own turn."""

    turn: TurnContext
    queue: asyncio.Queue[TurnEvent | None]
    reply_id: str = field(default_factory=lambda: new_id("m"))
    entries: list[Entry] = field(default_factory=list)
    events: list[TurnEvent] = field(default_factory=list)
    audit: list[AuditRecord] = field(default_factory=list)
    claims: list[ClaimTold] = field(default_factory=list)
    check: ClaimsCheck | None = None
    """Reads the replies of this turn."""
    learned: int = 0
    """How much of the evidence it knows."""
    evidence: list[Evidence] = field(default_factory=list)
    """What this conversation proves, oldest first."""
    clauses: dict[str, ClauseRef] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    cited: dict[str, Citation] = field(default_factory=dict)
    outcomes: list[tuple[str, Outcome]] = field(default_factory=list)
    outbox: list[Event] = field(default_factory=list)
    proposal: Proposal | None = None
    handed_off: dict[str, object] | None = None
    raised: bool = False
    usage: Tally = field(default_factory=Tally)
    unreadable: set[str] = field(default_factory=set)
    """Ids of calls whose arguments were no JSON."""
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by every call but a read."""
    choices: tuple[Choice, ...] = ()
    """Shown below the reply as cards."""
    frame: object = None
    """The embedded model's place in the conversation, kept with the reply."""
    model_kind: OutcomeKind | None = None
    """What the model said its answer is (clarify, out_of_scope), when no tool decides it."""

    def emit(self, event: TurnEvent) -> None:
        self.queue.put_nowait(event)

    def say(self, sentence: str, cited: Iterable[str] = ()) -> None:
        """Releases one checked sentence to the person."""
        if self.sentences and not self.sentences[-1][-1:].isspace():
            sentence = f" {sentence}"  # what was said before a call and what is said after it
        self.sentences.append(sentence)
        self.usage.spoke()
        self.emit(SentenceEvent(text=sentence))
        for clause_id in cited:
            self.cite(clause_id)

    def cite(self, clause_id: str) -> None:
        clause = self.clauses.get(clause_id)
        if clause is not None and clause_id not in self.cited:
            self.cited[clause_id] = show_clause(clause)
            self.emit(CitationEvent(citation=self.cited[clause_id]))

    def keep(self, name: str, arguments: Mapping[str, object], ruling: Ruling) -> dict[str, object]:
        """Takes a ruling into the turn and returns what the model may read of it."""
        outcome = ruling.outcome
        told = tell_outcome(outcome)
        self.audit.append(ruling.audit)
        self.outcomes.append((name, outcome))
        self.evidence += evidence_of_call(name, arguments, told, fresh=True)
        for clause in getattr(outcome, "clauses", ()):
            self.clauses[clause.clause_id] = clause
        self.emit(ToolEvent(name=name, outcome=outcome_name(outcome)))
        if isinstance(outcome, Done):
            self._take_data(name, outcome)
        if ruling.proposal is not None:
            self._show_card(ruling.proposal, outcome.say)
        return told

    def learn(self, turn: TurnContext) -> None:
        self.turn = turn

    def _show_card(self, card: Proposal, why: str) -> None:
        """What the card rests on is a claim too, made in the executor's own words."""
        self.proposal = card
        self.evidence += evidence_of_proposal(card)
        self.say(why, [clause.clause_id for clause in card.quote.clauses])
        backing = Backing(
            kind="card", source=card.tool, locator=card.arguments.get("record_locator"), clauses=card.quote.clauses
        )
        self.claims.append(ClaimTold(entry_id=self.reply_id, sentence=why, evidence=(backing,)))

    def _give_receipt(self, say: str) -> None:
        """A hand-off is announced when it is done, and in no words but the executor's."""
        self.say(say)
        backing = Backing(kind="receipt", source="hand_off", locator=None, clauses=())
        self.claims.append(ClaimTold(entry_id=self.reply_id, sentence=say, evidence=(backing,)))

    def new_secret(self) -> str | None:
        """A rise of identity makes the old secret worthless."""
        return secrets.token_urlsafe(32) if self.raised and self.turn.speaker.kind == "anonymous" else None

    def kind(self) -> OutcomeKind:
        names = {outcome_name(outcome) for _, outcome in self.outcomes}
        decided = next((kind for kind in _PRIORITY if kind in names), None)
        return decided or self.model_kind or "answered"

    def _take_data(self, name: str, outcome: Done) -> None:
        self.outbox.extend(outcome.events)
        self.learn(replace(self.turn, seen=self.turn.seen | trusted_values(outcome.data)))
        if name in ("verify_booking", "check_code"):
            self.raised = True
        if name == "list_resolutions":
            self.choices = choices_in(outcome.data)
        if name == "hand_off":
            self.handed_off = {"case_id": outcome.data["case_id"], "position": outcome.data["position"]}
            conversation = self.turn.conversation_id
            data = {"conversation_id": conversation, **self.handed_off}
            self.outbox.append(Event(key=conversation, type="conversation.handed_off", data=data))
            self._give_receipt(outcome.say)


def choices_in(data: Mapping[str, Any]) -> tuple[Choice, ...]:
    options = data.get("options", ())
    return tuple(
        Choice(action=option["action"], label=option["label"], ask=option["ask"], amounts=option["amounts"])
        for option in options
        if option["eligible"] and option["ask"]
    )


def trusted_values(data: object) -> frozenset[str]:
    """Every scalar of a tool's data that no person typed: not what stands under `untrusted` or `passages`."""
    if isinstance(data, dict):
        kept = (value for key, value in data.items() if key not in ("untrusted", "passages"))
        return frozenset().union(*(trusted_values(value) for value in kept))
    if isinstance(data, list | tuple):
        return frozenset().union(*(trusted_values(value) for value in data))
    return frozenset({str(data)}) if isinstance(data, str | int) else frozenset()
