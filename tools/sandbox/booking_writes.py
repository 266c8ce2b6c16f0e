"""The booking service, writes. Each reads the booking again inside its transaction; none decides by policy."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from tools.domain.records import Ancillary, Booking, FlightRef, FlightStatus, Passenger, Segment, Ssr
from tools.sandbox.booking import change_quote, offers, segment_of
from tools.sandbox.contract import Airline, AirlineNow, Asked, Body, Incoming, record_answer
from tools.sandbox.fares import seats_needed, totalled, types_of
from tools.sandbox.flights import give_back, on_sale, operated, presented, take_seats
from tools.sandbox.held import BOOKINGS, next_version
from tools.sandbox.payment import record_refund
from tools.sandbox.problems import invalid, missing, rejected
from tools.sandbox.store import Answer
from tools.sandbox.timetable import is_disrupted

router = APIRouter(prefix="/booking/v1/bookings", tags=["booking"])

_SEAT = re.compile(r"\d{1,2}[A-K]")
Cents = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Edit = Callable[[Booking], Booking]


class Cancellation(Body):
    refund_minor: Cents


class SegmentChange(Body):
    flight: FlightRef
    fare_difference_minor: Cents
    fee_minor: Cents


class Rebooking(Body):
    flight: FlightRef


class NewAncillary(Body):
    code: str
    passenger_id: str
    segment_id: str
    price_minor: Cents
    detail: Annotated[str, Field(max_length=120)] = ""


class NameCorrection(Body):
    given_name: Name
    surname: Name
    fee_minor: Cents = 0


@router.post("/{locator}/cancellation", response_model=Booking)
async def cancel(locator: str, body: Cancellation, airline: AirlineNow, asked: Asked) -> Response:
    """Cancels every segment not yet flown and records the refund."""
    return _edit(airline, asked, locator, body, lambda booking: _cancelled(airline, booking, body.refund_minor))


@router.post("/{locator}/segments/{segment_id}/change", response_model=Booking)
async def change_segment(
    locator: str, segment_id: str, body: SegmentChange, airline: AirlineNow, asked: Asked
) -> Response:
    """Moves a segment to another flight and charges the difference and the fee to the stored method."""
    return _edit(airline, asked, locator, body, lambda booking: _changed(airline, booking, segment_id, body))


@router.post("/{locator}/segments/{segment_id}/rebooking", response_model=Booking)
async def rebook(locator: str, segment_id: str, body: Rebooking, airline: AirlineNow, asked: Asked) -> Response:
    """Moves a segment of a disrupted journey without charge."""
    return _edit(airline, asked, locator, body, lambda booking: _rebooked(airline, booking, segment_id, body.flight))


@router.post("/{locator}/ancillaries", response_model=Booking)
async def add_ancillary(locator: str, body: NewAncillary, airline: AirlineNow, asked: Asked) -> Response:
    return _edit(airline, asked, locator, body, lambda booking: _extended(booking, body))


@router.post("/{locator}/passengers/{passenger_id}/name", response_model=Booking)
async def correct_name(
    locator: str, passenger_id: str, body: NameCorrection, airline: AirlineNow, asked: Asked
) -> Response:
    return _edit(airline, asked, locator, body, lambda booking: _renamed(booking, passenger_id, body))


def _edit(airline: Airline, asked: Incoming, locator: str, body: BaseModel, change: Edit) -> Response:
    def operation() -> Answer:
        booking = airline.owned(BOOKINGS, locator, asked.caller)
        asked.check_version(booking.version)
        if booking.status == "cancelled":
            raise rejected("already-cancelled", f"Booking {locator} is cancelled.")
        changed = totalled(change(presented(airline.store, booking, airline.now())))
        kept = replace(changed, version=next_version(booking.version))
        airline.store.put(BOOKINGS, kept)
        return record_answer(BOOKINGS, kept, version=kept.version)

    return airline.write(asked, body, operation)


def _cancelled(airline: Airline, booking: Booking, refund_minor: int) -> Booking:
    ahead = [segment for segment in booking.segments if segment.status == "confirmed"]
    if not ahead:
        raise rejected("nothing-to-cancel", f"Every flight of booking {booking.record_locator} is flown or past.")
    for segment in ahead:
        give_back(airline.store, segment, seats_needed(types_of(booking.passengers)))
    refunded = record_refund(airline, booking, refund_minor, "cancellation")[0] if refund_minor else booking
    segments = tuple(replace(s, status="cancelled") if s in ahead else s for s in booking.segments)
    return replace(refunded, status="cancelled", segments=segments)


def _changed(airline: Airline, booking: Booking, segment_id: str, body: SegmentChange) -> Booking:
    segment = _unflown(booking, segment_id)
    quote = change_quote(airline, booking, segment, body.flight)
    if quote.fare_difference_minor != body.fare_difference_minor:
        raise rejected("price-changed", f"The fare difference is now {quote.fare_difference_minor} cents.")
    fare = segment.fare_minor + body.fare_difference_minor
    moved = _moved(airline, booking, replace(segment, fare_minor=fare), body.flight)
    return replace(moved, fees_minor=moved.fees_minor + body.fee_minor)


def _rebooked(airline: Airline, booking: Booking, segment_id: str, ref: FlightRef) -> Booking:
    segment = _unflown(booking, segment_id)
    flights = (operated(airline.store, s.flight_number, s.flight_date) for s in booking.segments)
    if not any(flight and is_disrupted(flight) for flight in flights):
        raise rejected("not-disrupted", f"No flight of booking {booking.record_locator} is disrupted.")
    return _moved(airline, booking, segment, ref)


def _moved(airline: Airline, booking: Booking, segment: Segment, ref: FlightRef) -> Booking:
    seats = seats_needed(types_of(booking.passengers))
    flight = on_sale(airline.store, ref.flight_number, ref.flight_date, seats, airline.now())
    if (flight.origin, flight.destination) != (segment.origin, segment.destination):
        raise rejected("other-route", f"{ref.flight_number} does not fly {segment.origin} to {segment.destination}.")
    give_back(airline.store, segment, seats)
    take_seats(airline.store, flight, seats)
    moved = flown_by(segment, flight)
    return replace(booking, segments=tuple(moved if s.segment_id == moved.segment_id else s for s in booking.segments))


def flown_by(segment: Segment, flight: FlightStatus) -> Segment:
    return replace(
        segment,
        flight_number=flight.flight_number,
        flight_date=flight.flight_date,
        departs_at=flight.scheduled_departure,
        arrives_at=flight.scheduled_arrival,
        operating_carrier=flight.operating_carrier,
    )


def _extended(booking: Booking, body: NewAncillary) -> Booking:
    passenger = _passenger(booking, body.passenger_id)
    offer = next((o for o in offers(booking) if (o.code, o.segment_id) == (body.code, body.segment_id)), None)
    if offer is None:
        raise rejected("not-on-offer", f"{body.code} is not on offer for segment {body.segment_id}.")
    if offer.price_minor != body.price_minor:
        raise rejected("price-changed", f"{body.code} is now {offer.price_minor} cents.")
    if offer.kind == "seat" and not _SEAT.fullmatch(body.detail):
        raise invalid("A seat's detail is its row and letter, such as 14C.")
    bought = Ancillary(
        ancillary_id=f"A{len(booking.ancillaries) + 1}-{secrets.token_hex(2)}",
        kind=offer.kind,
        passenger_id=passenger.passenger_id,
        segment_id=offer.segment_id,
        description=f"{offer.description} {body.detail}".strip(),
        price_minor=offer.price_minor,
    )
    booking = replace(booking, ancillaries=(*booking.ancillaries, bought))
    if offer.kind not in ("meal", "assistance") or offer.code == "MEAL":
        return booking
    request = Ssr(code=offer.code, text=body.detail)
    return _with_passenger(booking, replace(passenger, ssr=(*passenger.ssr, request)))


def _renamed(booking: Booking, passenger_id: str, body: NameCorrection) -> Booking:
    passenger = _passenger(booking, passenger_id)
    renamed = replace(passenger, given_name=body.given_name, surname=body.surname)
    return replace(_with_passenger(booking, renamed), fees_minor=booking.fees_minor + body.fee_minor)


def _unflown(booking: Booking, segment_id: str) -> Segment:
    segment = segment_of(booking, segment_id)
    if segment.status != "confirmed":
        raise rejected("segment-closed", f"Segment {segment_id} is {segment.status}.")
    return segment


def _passenger(booking: Booking, passenger_id: str) -> Passenger:
    for passenger in booking.passengers:
        if passenger.passenger_id == passenger_id:
            return passenger
    raise missing()


def _with_passenger(booking: Booking, passenger: Passenger) -> Booking:
    passengers = (passenger if p.passenger_id == passenger.passenger_id else p for p in booking.passengers)
    return replace(booking, passengers=tuple(passengers))
