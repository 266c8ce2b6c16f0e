"""What leaves the agent: answers, proposals and the events of a turn: the JSON bodies of the HTTP contract."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

OutcomeKind = Literal[
    "answered",
    "proposed",
    "refused",
    "identity_needed",
    "facts_needed",
    "human_needed",
    "unavailable",
    "clarify",
    "out_of_scope",
]
ProposalStatus = Literal[
    "pending", "awaiting_approval", "confirmed", "executed", "failed", "declined", "expired", "superseded"
]
HandoffState = Literal["none", "offered", "queued", "assigned", "closed"]


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(Shown):
    clause_id: str
    version: int
    title: str


class ProposalArgument(Shown):
    name: str
    value: str
    source: str
    """Where the value came from: 'your words', 'booking K7XQ2P', 'policy'."""


class ShownAmount(Shown):
    name: str
    minor: int
    currency: str


class ShownGrant(Shown):
    name: str
    quantity: int
    unit: str


class ShownProposal(Shown):
    id: str
    tool: str
    status: ProposalStatus
    summary: str
    arguments: tuple[ProposalArgument, ...]
    amounts: tuple[ShownAmount, ...]
    grants: tuple[ShownGrant, ...]
    clauses: tuple[Citation, ...]
    confirm_phrase: str | None
    expires_at: datetime


class Choice(Shown):
    """An option that the person may ask for next, in the words of `ask`; asking decides nothing yet."""

    action: str
    label: str
    ask: str
    amounts: tuple[ShownAmount, ...] = ()


class ShownMessage(Shown):
    id: str
    role: Literal["customer", "assistant", "agent", "system"]
    text: str
    citations: tuple[Citation, ...] = ()
    choices: tuple[Choice, ...] = ()
    at: datetime


class ShownOutcome(Shown):
    kind: OutcomeKind
    clause_id: str | None = None
    tool: str | None = None


class ShownHandoff(Shown):
    state: HandoffState
    case_id: str | None = None
    position: int | None = None
    note: str = ""


class Usage(Shown):
    """model_calls counts failed ones too. price_micros: an estimate in millionths of the currency, by the prices in
    the settings; None when no model with a known price answered."""

    model_calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    first_sentence_ms: int | None = None
    price_micros: int | None = None
    currency: str | None = None


class Answer(Shown):
    """secret: present once when an anonymous person's proof rose and the conversation's secret was rotated."""

    message: ShownMessage
    outcome: ShownOutcome
    proposals: tuple[ShownProposal, ...] = ()
    handoff: ShownHandoff
    usage: Usage
    secret: str | None = None


class Opened(Shown):
    id: str
    status: Literal["open"] = "open"
    secret: str | None = None


class ShownBacking(Shown):
    """What a claim rests on: a clause in its version, or what a tool said. kind: clause, decision, card, receipt or
    record."""

    kind: str
    source: str
    record_locator: str | None = None
    clauses: tuple[Citation, ...] = ()


class ShownClaim(Shown):
    """A sentence that claimed something, in the message that told it, and its evidence."""

    message_id: str
    sentence: str
    backing: tuple[ShownBacking, ...]


class ConversationView(Shown):
    """claims: for staff only; empty for the person themselves."""

    id: str
    status: Literal["open", "closed"]
    opened_at: datetime
    messages: tuple[ShownMessage, ...]
    proposals: tuple[ShownProposal, ...]
    handoff: ShownHandoff
    claims: tuple[ShownClaim, ...] = ()
    usage: Usage = Usage()
    """Of all turns together."""


class ConversationSummary(Shown):
    id: str
    status: Literal["open", "closed"]
    opened_at: datetime
    last_text: str


class Executed(Shown):
    """What a confirmation came to: the same body however often the same proposal is confirmed."""

    proposal: ShownProposal
    message: ShownMessage


class SentenceEvent(Shown):
    kind: Literal["sentence"] = "sentence"
    text: str


class ToolEvent(Shown):
    kind: Literal["tool"] = "tool"
    name: str
    outcome: str


class CitationEvent(Shown):
    kind: Literal["citation"] = "citation"
    citation: Citation


class ProposalEvent(Shown):
    kind: Literal["proposal"] = "proposal"
    proposal: ShownProposal


class MessageEvent(Shown):
    """A line that no turn wrote: a colleague's."""

    kind: Literal["message"] = "message"
    message: ShownMessage


class HandoffEvent(Shown):
    kind: Literal["handoff"] = "handoff"
    handoff: ShownHandoff


class DoneEvent(Shown):
    kind: Literal["done"] = "done"
    answer: Answer


class ErrorEvent(Shown):
    kind: Literal["error"] = "error"
    title: str
    detail: str


TurnEvent = (
    SentenceEvent | ToolEvent | CitationEvent | ProposalEvent | MessageEvent | HandoffEvent | DoneEvent | ErrorEvent
)


class LoggedEvent(Shown):
    """An event of a conversation with its place in the log, for Last-Event-ID."""

    id: int
    event: TurnEvent
