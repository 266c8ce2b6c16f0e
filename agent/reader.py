"""The deterministic reader: what must not depend on a model is read in the person's own words before any model runs.

It reads a one-time code, a locator with its surname, and a yes, a no or the phrase for the card shown last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agent.store.conversations import Entry
from tools.domain.ids import RecordLocator
from tools.extract.answers import equals_phrase, reads_no, reads_yes
from tools.extract.codes import codes, mask_cards, mask_codes
from tools.extract.message import extract
from tools.extract.names import surnames
from tools.proposals import OPEN, Proposal


@dataclass(frozen=True, kw_only=True)
class Heard:
    """text is what may be kept: cards masked, the code taken out."""

    text: str
    code: str | None = None


def hear(text: str, *, code_awaited: bool) -> Heard:
    masked = mask_cards(text)
    found = codes(masked) if code_awaited else ()
    return Heard(text=mask_codes(masked), code=found[0].value) if found else Heard(text=masked)


def may_be_code(text: str) -> bool:
    """Whether the message holds six digits that would be the code, if one is awaited."""
    return bool(codes(mask_cards(text)))


@dataclass(frozen=True, kw_only=True)
class Proof:
    locator: RecordLocator
    surname: str


def read_proof(text: str, earlier: tuple[str, ...], *, today: date) -> Proof | None:
    """A locator and a surname, in one message or the locator in an earlier one and the surname now."""
    if not surnames(text):
        return None
    here = extract(text, today=today)
    if here.locators:
        return Proof(locator=RecordLocator(here.locators[0].value), surname=here.surnames[0].value)
    for said in reversed(earlier):
        if before := extract(said, today=today).locators:
            return Proof(locator=RecordLocator(before[-1].value), surname=here.surnames[0].value)
    return None


Reply = Literal["confirm", "decline", "show_again", "none"]


def read_reply(text: str, proposal: Proposal | None, last: Entry | None) -> Reply:
    """What a message means for the one open proposal. Only the very next words after its card can confirm it."""
    if proposal is None or proposal.status not in OPEN:
        return "none"
    shown_last = last is not None and last.payload.get("card") == proposal.id
    if proposal.confirm_phrase and equals_phrase(text, proposal.confirm_phrase):
        return "confirm" if shown_last else "show_again"
    if reads_yes(text, acts=_ACTS.get(proposal.tool, ())):
        return "confirm" if shown_last and proposal.confirm_phrase is None else "show_again"
    if shown_last and reads_no(text):
        return "decline"
    return "none"


_ACTS: Mapping[str, tuple[str, ...]] = {
    "cancel_booking": ("cancel",),
    "book_flight": ("book", "buy", "take"),
    "change_flight": ("change", "move", "rebook"),
    "rebook_disrupted": ("rebook", "book", "change", "move", "take"),
    "add_ancillary": ("add", "book", "buy", "take"),
    "correct_name": ("correct", "change", "fix", "update"),
    "request_refund": ("refund", "claim", "submit"),
    "claim_compensation": ("claim", "submit"),
    "report_baggage": ("report", "submit", "claim"),
    "send_notification": ("send",),
    "update_profile": ("update", "change", "fix", "correct"),
    "set_consent": ("update", "change", "add"),
}
"""The verbs by which a yes may name what a card would do. 'ok, cancel that' is no yes to a bag."""


def show_again(proposal: Proposal) -> str:
    """What to say with a card that is shown again."""
    if proposal.confirm_phrase:
        return f'This cannot be undone, so please press Confirm on the card, or type "{proposal.confirm_phrase}".'
    return "Just to be sure: this is what I would do. Please confirm the card."
