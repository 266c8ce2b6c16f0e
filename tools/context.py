"""Who is speaking, and what a tool call may know about its turn. Data only: services are bound elsewhere."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tools.domain.ids import ConversationId, CustomerId, MessageId, RecordLocator
from tools.ports import Subject

Role = Literal["agent", "supervisor", "evaluator"]
GrantLevel = Literal["booking", "verified"]
GRANT_IDLE = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A person, as api verified them. Never built from a model's words.

    subject: the identity provider's own id (Okta `sub`, Entra `oid`); None for an anonymous person.
    secret: what an anonymous person presented; it is compared by its hash and kept nowhere.
    """

    kind: Literal["anonymous", "customer", "staff"]
    subject: str | None = None
    customer_id: CustomerId | None = None
    roles: frozenset[Role] = frozenset()
    name: str = ""
    secret: str | None = field(default=None, repr=False)
    address: str = ""
    """The network address, for attempt counters only."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Proof of one booking, and of no other. It lapses after 30 idle minutes."""

    locator: RecordLocator
    level: GrantLevel
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class TurnContext:
    """What every tool call of one turn carries, hidden from the model's schema."""

    conversation_id: ConversationId
    message_id: MessageId
    speaker: Speaker
    grants: tuple[Grant, ...]
    said: tuple[str, ...]
    """The person's own words in this conversation, oldest first; the last is this turn's message."""
    now: datetime
    seen: frozenset[str] = frozenset()
    """Values of trusted fields that tool results of this conversation showed: record locators, ids, amounts."""
    at_work: frozenset[str] = frozenset()
    """Acts of this conversation that were confirmed and whose outcome is not known yet (tools.proposals.act_of)."""
    case_id: str | None = None
    case_customer: str | None = None
    """Whom the case is about: staff act for nobody else."""
    case_locator: str | None = None

    def grant_for(self, locator: str) -> Grant | None:
        live = (g for g in self.grants if g.locator == locator and g.expires_at > self.now)
        return max(live, key=lambda g: g.level == "verified", default=None)

    def subject_for(self, locator: str | None = None) -> Subject:
        """Whom the services check ownership for."""
        if self.speaker.kind == "customer":
            return Subject(f"customer:{self.speaker.customer_id}")
        if self.speaker.kind == "staff":
            return Subject(f"staff:{self.speaker.subject}")
        return Subject(f"booking:{locator}" if locator and self.grant_for(locator) else "anonymous")
