"""The compensation system: claims of passengers and goodwill given by staff."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import Claim, ClaimKind
from tools.sandbox.booking import own_customer, segment_of
from tools.sandbox.contract import Airline, AirlineNow, Asked, Body, Incoming, Items, list_response, record_answer
from tools.sandbox.held import BOOKINGS, CLAIMS, PROFILES
from tools.sandbox.problems import invalid, missing, rejected
from tools.sandbox.store import Answer

router = APIRouter(prefix="/compensation/v1", tags=["compensation"])


class NewClaim(Body):
    kind: ClaimKind
    customer_id: str
    record_locator: str | None = None
    passenger_id: str | None = None
    segment_id: str | None = None
    amount_minor: Annotated[int, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    details: dict[str, Annotated[str, Field(max_length=2_000)]] = Field(default_factory=dict)

    @property
    def goodwill(self) -> bool:
        return self.kind in ("goodwill_voucher", "goodwill_miles")


@router.get("/claims", response_model=Items[Claim])
async def list_claims(
    airline: AirlineNow, asked: Asked, customer_id: str | None = None, record_locator: str | None = None
) -> Response:
    """A customer's claims, or those of a booking."""
    if record_locator is not None:
        airline.owned(BOOKINGS, record_locator, asked.caller)
        return list_response(CLAIMS, airline.store.find(CLAIMS, f"booking:{record_locator}"))
    if customer_id is None:
        raise invalid("Name a customer_id or a record_locator.")
    return list_response(CLAIMS, airline.store.find(CLAIMS, own_customer(asked.caller, customer_id)))


@router.post("/claims", response_model=Claim, status_code=201)
async def open_claim(body: NewClaim, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _open(airline, asked, body))


def _open(airline: Airline, asked: Incoming, body: NewClaim) -> Answer:
    if body.goodwill:
        asked.caller.must_be_staff()
    if airline.store.get(PROFILES, body.customer_id) is None:
        raise missing()
    if body.record_locator is None and not airline.acts_for(asked.caller, body.customer_id):
        raise missing()
    if body.record_locator is not None:
        _check_journey(airline, asked, body)
    claim = Claim(
        claim_id=f"CL{secrets.token_hex(4).upper()}",
        version=airline.first_version(),
        kind=body.kind,
        status="paid" if body.goodwill else "open",
        customer_id=CustomerId(body.customer_id),
        record_locator=RecordLocator(body.record_locator) if body.record_locator else None,
        passenger_id=body.passenger_id,
        segment_id=body.segment_id,
        amount_minor=body.amount_minor,
        currency=body.currency,
        opened_at=airline.now(),
        details=body.details,
    )
    airline.store.put(CLAIMS, claim)
    return record_answer(CLAIMS, claim, status=201, version=claim.version)


def _check_journey(airline: Airline, asked: Incoming, body: NewClaim) -> None:
    """The journey is the caller's, the customer is one of its people, and nobody claims twice."""
    booking = airline.owned(BOOKINGS, body.record_locator or "", asked.caller)
    if f"customer:{body.customer_id}" not in set(BOOKINGS.lookups(booking)):
        raise missing()
    if body.segment_id is not None:
        segment_of(booking, body.segment_id)
    if body.passenger_id is not None and body.passenger_id not in {p.passenger_id for p in booking.passengers}:
        raise missing()
    same = (body.kind, body.passenger_id, body.segment_id)
    for claim in airline.store.find(CLAIMS, f"booking:{booking.record_locator}"):
        claimed = (claim.kind, claim.passenger_id, claim.segment_id)
        if claimed == same and claim.status != "rejected" and not body.goodwill:
            raise rejected("already-claimed", f"Claim {claim.claim_id} is open for the same.")
