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
    ShownProposal,
    TurnEvent,
)
from tools.context import Speaker


@dataclass(frozen=True, kw_only=True)
class Message:
    conversation_id: str
    text: str
    idempotency_key: str | None = None


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
