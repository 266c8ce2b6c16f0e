"""The one way in, as its callers see it: HTTP, the command and evals. agent/turn.py is what stands behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from agent.answers import (
    Answer,
    ConversationSummary,
    ConversationView,
    Executed,
    LoggedEvent,
    Opened,
    ShownMessage,
    ShownProposal,
    TurnEvent,
)
from agent.desk.hub import Hub
from agent.desk.views import Accepted, CaseSummary, CaseView, Rates, Resolution, ScreenPopView, ShownNote
from tools.context import Speaker


@dataclass(frozen=True, kw_only=True)
class Message:
    conversation_id: str
    text: str
    idempotency_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResolutionRequest:
    """One of the three; a booking alone opens a case, with its reason. event: the CloudEvents type that led here."""

    case_id: str | None = None
    conversation_id: str | None = None
    record_locator: str | None = None
    event: str | None = None
    reason: str = ""


class Turn(Protocol):
    """An accepted, durable message. The turn runs to its end whether or not anybody listens."""

    message_id: str

    def events(self) -> AsyncIterator[TurnEvent]:
        """From the beginning; the last is DoneEvent or ErrorEvent."""
        ...

    async def answer(self) -> Answer: ...


class ConciergeLike(Protocol):
    """Every method may raise a CallerError (agent/errors.py)."""

    async def open(self, speaker: Speaker) -> Opened: ...
    async def claim(self, conversation_id: str, speaker: Speaker, secret: str) -> ConversationView: ...
    async def handle(self, message: Message, speaker: Speaker) -> Turn: ...
    async def confirm(self, proposal_id: str, speaker: Speaker) -> Executed: ...
    async def decline(self, proposal_id: str, speaker: Speaker) -> ShownProposal: ...
    async def conversation(self, conversation_id: str, speaker: Speaker) -> ConversationView: ...
    async def conversations(self, speaker: Speaker) -> tuple[ConversationSummary, ...]: ...
    def events(self, conversation_id: str, speaker: Speaker, after: int) -> AsyncIterator[LoggedEvent]:
        """Everything after that id, then live until the caller stops reading."""
        ...

    async def rate(
        self, conversation_id: str, message_id: str, speaker: Speaker, rating: str, comment: str
    ) -> None: ...

    async def resolve(self, request: ResolutionRequest, speaker: Speaker) -> Resolution: ...


class DeskLike(Protocol):
    """Staff's queue and cases; agent/desk/desk.py stands behind it."""

    hub: Hub

    async def queue(self, speaker: Speaker) -> tuple[CaseSummary, ...]: ...
    async def case(self, case_id: str, speaker: Speaker) -> CaseView: ...
    async def take(self, case_id: str, speaker: Speaker) -> CaseSummary: ...
    async def give_back(self, case_id: str, speaker: Speaker) -> CaseSummary: ...
    async def close(self, case_id: str, speaker: Speaker) -> CaseSummary: ...
    async def message(self, case_id: str, text: str, speaker: Speaker) -> ShownMessage: ...
    async def note(self, case_id: str, text: str, speaker: Speaker) -> ShownNote: ...
    async def pops(self, speaker: Speaker, after: int) -> tuple[ScreenPopView, ...]: ...


class DecidingLike(Protocol):
    """What staff do with an option or a proposal; agent/desk/deciding.py stands behind it."""

    async def accept(
        self, resolution_id: str, option_id: str, speaker: Speaker, *, reason: str = "", reply: str | None = None
    ) -> Accepted: ...
    async def reject(self, resolution_id: str, option_id: str, speaker: Speaker, *, reason: str) -> Accepted: ...
    async def approve(self, proposal_id: str, speaker: Speaker, *, reason: str) -> Executed | ShownProposal: ...
    async def confirm(self, proposal_id: str, speaker: Speaker) -> Executed: ...
    async def rates(self, speaker: Speaker) -> Rates: ...
