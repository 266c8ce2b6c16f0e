"""The payment service: stored methods by their tokens, refunds, and links to the provider's page."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from tools.domain.records import Booking, PaymentLink, PaymentMethod, Refund
from tools.sandbox.contract import (
    Airline,
    AirlineNow,
    Asked,
    Body,
    Incoming,
    Items,
    Nothing,
    list_response,
    record_answer,
    value_answer,
    values_response,
)
from tools.sandbox.held import BOOKINGS, REFUNDS, WALLETS, next_version
from tools.sandbox.problems import missing, rejected
from tools.sandbox.store import Answer

router = APIRouter(prefix="/payment/v1", tags=["payment"])

DUE = timedelta(days=7)
_EXPEDITED = timedelta(days=1)
_LINK = timedelta(hours=24)
Amount = Annotated[int, Field(gt=0)]


class NewRefund(Body):
    record_locator: str
    amount_minor: Amount
    currency: str
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class NewLink(Body):
    record_locator: str
    amount_minor: Amount
    currency: str


@router.get("/customers/{customer_id}/methods", response_model=Items[PaymentMethod])
async def methods(customer_id: str, airline: AirlineNow, asked: Asked) -> Response:
    wallet = airline.store.get(WALLETS, customer_id)
    if wallet is None or not airline.acts_for(asked.caller, customer_id):
        raise missing()
    return values_response(wallet.methods)


@router.get("/refunds", response_model=Items[Refund])
async def refunds(record_locator: str, airline: AirlineNow, asked: Asked) -> Response:
    airline.owned(BOOKINGS, record_locator, asked.caller)
    return list_response(REFUNDS, airline.store.find(REFUNDS, f"booking:{record_locator}"))


@router.post("/refunds", response_model=Refund, status_code=201)
async def refund(body: NewRefund, airline: AirlineNow, asked: Asked) -> Response:
    """If-Match is the version of the booking, whose refunded sum grows."""
    return airline.write(asked, body, lambda: _refund(airline, asked, body))


@router.post("/refunds/{refund_id}/expedite", response_model=Refund)
async def expedite(refund_id: str, body: Nothing, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _expedite(airline, asked, refund_id))


@router.post("/links", response_model=PaymentLink, status_code=201)
async def create_link(body: NewLink, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _link(airline, asked, body))


def record_refund(airline: Airline, booking: Booking, amount_minor: int, reason: str) -> tuple[Booking, Refund]:
    """The booking with the sum recorded, and the refund, kept. Never more than was paid and is not yet refunded."""
    left = booking.total_paid_minor - booking.refunded_minor
    if amount_minor > left:
        raise rejected("refund-exceeds-paid", f"At most {left} cents of {booking.record_locator} can be refunded.")
    given = Refund(
        refund_id=f"R{secrets.token_hex(5)}",
        version=airline.first_version(),
        record_locator=booking.record_locator,
        amount_minor=amount_minor,
        currency=booking.currency,
        status="pending",
        reason=reason,
        method=booking.payment,
        requested_at=airline.now(),
        due_at=airline.now() + DUE,
    )
    airline.store.put(REFUNDS, given)
    return replace(booking, refunded_minor=booking.refunded_minor + amount_minor), given


def _refund(airline: Airline, asked: Incoming, body: NewRefund) -> Answer:
    booking = airline.owned(BOOKINGS, body.record_locator, asked.caller)
    asked.check_version(booking.version)
    if body.currency != booking.currency:
        raise rejected("other-currency", f"{body.record_locator} was paid in {booking.currency}.")
    changed, given = record_refund(airline, booking, body.amount_minor, body.reason)
    airline.store.put(BOOKINGS, replace(changed, version=next_version(booking.version)))
    return record_answer(REFUNDS, given, status=201, version=given.version)


def _expedite(airline: Airline, asked: Incoming, refund_id: str) -> Answer:
    kept = airline.store.get(REFUNDS, refund_id)
    if kept is None:
        raise missing()
    airline.owned(BOOKINGS, kept.record_locator, asked.caller)
    asked.check_version(kept.version)
    if kept.status != "pending" or kept.expedited:
        raise rejected("not-pending", "This refund is paid, failed or already put first.")
    due = min(kept.due_at, airline.now() + _EXPEDITED)
    first = replace(kept, expedited=True, due_at=due, version=next_version(kept.version))
    airline.store.put(REFUNDS, first)
    return record_answer(REFUNDS, first, version=first.version)


def _link(airline: Airline, asked: Incoming, body: NewLink) -> Answer:
    booking = airline.owned(BOOKINGS, body.record_locator, asked.caller)
    if body.currency != booking.currency:
        raise rejected("other-currency", f"{body.record_locator} is paid in {booking.currency}.")
    token = secrets.token_urlsafe(16)
    link = PaymentLink(
        link_id=token[:8],
        url=f"https://pay.gamma.example/{token}",
        amount_minor=body.amount_minor,
        currency=body.currency,
        expires_at=airline.now() + _LINK,
    )
    return value_answer(link, status=201)
