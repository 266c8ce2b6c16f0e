"""What staff see: the queue, a case, the customer in one view, and resolution options. JSON bodies of the contract."""

from datetime import datetime
from typing import Any, Literal

from agent.answers import Citation, ShownAmount, ShownGrant, ShownMessage, ShownProposal
from agent.answers import Shown as _Shown


class CaseSummary(_Shown):
    case_id: str
    kind: str
    status: Literal["queued", "assigned", "closed"]
    severity: Literal["low", "normal", "high", "urgent"]
    summary: str
    opened_at: datetime
    age_minutes: int
    assignee: str | None
    record_locator: str | None
    conversation_id: str | None
    position: int
    awaits_approval: str | None = None
    """The role that has to approve a proposal of this case."""


class ShownConsent(_Shown):
    purpose: str
    channel: str | None
    granted: bool


class ShownBooking(_Shown):
    record_locator: str
    status: str
    line: str
    flights: tuple[str, ...]
    """The operation of each flight now, in words."""


class Customer360(_Shown):
    """verified: how well the caller is known; until 'booking', names and contacts are masked."""

    verified: Literal["unverified", "booking", "verified", "authenticated"]
    customer_id: str | None
    name: str
    contact: tuple[str, ...]
    tier: str
    miles: int | None
    language: str
    bookings: tuple[ShownBooking, ...]
    cases: tuple[CaseSummary, ...]
    consents: tuple[ShownConsent, ...]
    conversations: tuple[str, ...]
    claims: tuple[str, ...]
    interests: tuple[str, ...]
    """Only with a live consent to the use of the social profile."""
    sentiment: tuple[float, ...]
    """-1 (angry) to 1 (glad) for each of the last messages, oldest first."""


class ShownNote(_Shown):
    author: str
    text: str
    at: datetime


class CaseView(_Shown):
    case: CaseSummary
    packet: dict[str, Any]
    transcript: tuple[ShownMessage, ...]
    proposals: tuple[ShownProposal, ...]
    notes: tuple[ShownNote, ...]
    customer: Customer360


class Option(_Shown):
    id: str
    action: str
    label: str
    arguments: dict[str, Any]
    eligible: bool
    needs_approval: str | None
    clauses: tuple[Citation, ...]
    why: str
    """The clause's own words: why it is or is not possible."""
    amounts: tuple[ShownAmount, ...]
    grants: tuple[ShownGrant, ...]
    cost_minor: int
    value_minor: int
    currency: str
    effort: float
    missing: tuple[str, ...]
    utility: float
    confidence: float
    confirmed_by: Literal["customer", "staff"]
    reply: str
    """A drafted reply that promises only what the option grants."""


class Resolution(_Shown):
    id: str
    case_id: str
    situation: str
    title: str
    summary: str
    options: tuple[Option, ...]
    ineligible: tuple[Option, ...]


class CustomerOption(_Shown):
    """An option as the customer sees it: no cost, no utility."""

    action: str
    label: str
    ask: str
    """What the person would say to ask for it."""
    eligible: bool
    clauses: tuple[Citation, ...]
    why: str
    amounts: tuple[ShownAmount, ...]
    missing: tuple[str, ...]


class Accepted(_Shown):
    """proposal: waiting for the customer, for an approver, or done."""

    verdict: Literal["accepted", "edited", "rejected"]
    proposal: ShownProposal | None = None
    message: str = ""


class ScreenPopView(_Shown):
    """Who seems to be calling; masked, for a number proves nothing."""

    id: int
    call_id: str
    caller: str
    customer: str | None
    matches: int
    language: str | None
    cases: tuple[str, ...]
    at: datetime


class Rate(_Shown):
    """Shares of what was decided. `accepted` counts those taken as they were, `edited` those taken with other words."""

    name: str
    decided: int
    accepted: float
    edited: float
    rejected: float


class Rates(_Shown):
    """Most often decided first. An option is named as in situations.yaml: issue_goodwill:voucher."""

    verdicts: int
    options: tuple[Rate, ...]
    clauses: tuple[Rate, ...]
