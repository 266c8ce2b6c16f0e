"""Identity is a set of grants, never one level: proof of one booking serves no other. Never an argument of a tool."""

from tools.context import TurnContext
from tools.domain.outcomes import IdentityNeeded
from tools.domain.records import Booking
from tools.tool import Tool

_STEP_UP = "Please give me the booking reference and the surname on the booking."
_CODE = "For this I need to be sure it is you. I can send a one-time code to the contact on the booking."
_STAFF = "Only a colleague of our contact centre can do this."
_SIGN_IN = "Please sign in first; I can only do this for a signed-in customer."


def identity_needed(tool: Tool, locator: str | None, turn: TurnContext) -> IdentityNeeded | None:
    """What the speaker still has to prove for this call; None when it is enough."""
    if tool.least in ("agent", "supervisor"):
        return None if _on_duty(tool, turn) else IdentityNeeded(level=tool.least, say=_STAFF)
    if tool.least == "anonymous" or turn.speaker.kind == "customer":
        return None
    if _in_a_case(turn) and tool.least != "authenticated":
        return None  # what is a person's own (profile, consents) staff read at the desk, and change for nobody
    if tool.least in ("booking", "verified") and locator is not None:
        return _grant_needed(tool, locator, turn)
    return IdentityNeeded(level="authenticated", say=_SIGN_IN)


def _grant_needed(tool: Tool, locator: str, turn: TurnContext) -> IdentityNeeded | None:
    grant = turn.grant_for(locator)
    if grant is None:
        return IdentityNeeded(level="booking", say=_STEP_UP, locator=locator)
    if tool.least == "verified" and grant.level != "verified":
        return IdentityNeeded(level="verified", say=_CODE, locator=locator)
    return None


def _in_a_case(turn: TurnContext) -> bool:
    return turn.speaker.kind == "staff" and turn.case_id is not None


def _of_the_case(booking: Booking, turn: TurnContext) -> bool:
    """A case opens the bookings it is about, and no others."""
    return booking.record_locator == turn.case_locator or booking.booker_id == turn.case_customer


def _on_duty(tool: Tool, turn: TurnContext) -> bool:
    """Staff act only in a case, and a supervisor may do what an agent may."""
    return _in_a_case(turn) and bool({tool.least, "supervisor"} & turn.speaker.roles)


def may_act_on(booking: Booking, turn: TurnContext) -> bool:
    """The booker, a passenger, the guardian of a minor, whoever proved this booking, or staff inside a case."""
    if turn.speaker.kind == "staff":
        return _in_a_case(turn) and _of_the_case(booking, turn)
    if turn.speaker.kind == "anonymous":
        return turn.grant_for(booking.record_locator) is not None
    me = turn.speaker.customer_id
    return me is not None and (
        booking.booker_id == me or any(me in (p.customer_id, p.guardian_id) for p in booking.passengers)
    )
