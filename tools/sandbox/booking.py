"""The booking service, reads: bookings, flights and quotes."""

import hmac
import unicodedata
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from tools.domain.records import (
    AncillaryOffer,
    Booking,
    Cabin,
    ChangeQuote,
    FareFamily,
    FareQuote,
    FlightRef,
    FlightStatus,
    PassengerType,
    Segment,
)
from tools.sandbox.contract import (
    Airline,
    AirlineNow,
    Asked,
    Body,
    Caller,
    Items,
    list_response,
    record_response,
    value_response,
    values_response,
)
from tools.sandbox.fares import CURRENCY, extras, fare_minor, seats_needed, taxes_minor, types_of
from tools.sandbox.flights import between, nearest, on_day, on_sale, presented
from tools.sandbox.held import BOOKINGS, FLIGHTS, operation_id
from tools.sandbox.people import DECOY
from tools.sandbox.problems import missing, rejected
from tools.sandbox.timetable import live

router = APIRouter(prefix="/booking/v1", tags=["booking"])

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


class Lookup(Body):
    record_locator: str
    surname: str


class FareQuestion(Body):
    flights: tuple[FlightRef, ...]
    passengers: tuple[PassengerType, ...]
    family: FareFamily
    cabin: Cabin = "economy"


@router.get("/bookings/{locator}", response_model=Booking)
async def get_booking(locator: str, airline: AirlineNow, asked: Asked) -> Response:
    return _show(airline, airline.owned(BOOKINGS, locator, asked.caller))


@router.get("/bookings", response_model=Items[Booking])
async def list_bookings(customer_id: str, airline: AirlineNow, asked: Asked) -> Response:
    """Bookings a customer made, flies on or is guardian in."""
    term = own_customer(asked.caller, customer_id)
    found = airline.store.find(BOOKINGS, term)
    return list_response(BOOKINGS, [presented(airline.store, booking, airline.now()) for booking in found])


@router.post("/bookings/lookup", response_model=Booking)
async def find_booking(lookup: Lookup, airline: AirlineNow, asked: Asked) -> Response:
    """A read by proof of record locator and surname. POST keeps the surname out of addresses and logs."""
    found = airline.store.get(BOOKINGS, lookup.record_locator.upper())
    compared = found or airline.store.get(BOOKINGS, DECOY)
    surnames = [passenger.surname for passenger in compared.passengers] if compared else []
    matches = [same_name(surname, lookup.surname) for surname in surnames]
    if found is None or not any(matches):
        raise missing()
    return _show(airline, found)


@router.get("/manifest", response_model=Items[Booking])
async def manifest(flight_number: str, flight_date: date, airline: AirlineNow, asked: Asked) -> Response:
    """Who is booked on one operation of a flight. Staff and systems only."""
    asked.caller.must_be_staff()
    found = airline.store.find(BOOKINGS, f"flight:{operation_id(flight_number.upper(), flight_date)}")
    return list_response(BOOKINGS, [presented(airline.store, booking, airline.now()) for booking in found])


@router.get("/flights/{flight_number}", response_model=Items[FlightStatus])
async def flight_status(
    flight_number: str,
    airline: AirlineNow,
    asked: Asked,
    flight_date: Annotated[
        date | None, Query(description="Local date of departure; without it, nearest to now.")
    ] = None,
) -> Response:
    now, number = airline.now(), flight_number.upper()
    found = on_day(airline.store, number, flight_date, now) if flight_date else nearest(airline.store, number, now)
    return list_response(FLIGHTS, [live(flight, now) for flight in found])


@router.get("/flights", response_model=Items[FlightStatus])
async def search_flights(
    origin: str, destination: str, flight_date: date, airline: AirlineNow, asked: Asked
) -> Response:
    """Non-stop flights of that day, also those that are full or cancelled."""
    found = between(airline.store, origin.upper(), destination.upper(), flight_date, airline.now())
    return list_response(FLIGHTS, [live(flight, airline.now()) for flight in found])


@router.post("/fare-quotes", response_model=FareQuote)
async def quote_fare(question: FareQuestion, airline: AirlineNow, asked: Asked) -> Response:
    return value_response(fare_quote(airline, question))


@router.get("/bookings/{locator}/segments/{segment_id}/change-quote", response_model=ChangeQuote)
async def quote_change(
    *, locator: str, segment_id: str, flight_number: str, flight_date: date, airline: AirlineNow, asked: Asked
) -> Response:
    booking = airline.owned(BOOKINGS, locator, asked.caller)
    flight = FlightRef(flight_number=flight_number.upper(), flight_date=flight_date)
    return value_response(change_quote(airline, booking, segment_of(booking, segment_id), flight))


@router.get("/bookings/{locator}/ancillary-offers", response_model=Items[AncillaryOffer])
async def ancillary_offers(locator: str, airline: AirlineNow, asked: Asked) -> Response:
    booking = airline.owned(BOOKINGS, locator, asked.caller)
    return values_response(offers(presented(airline.store, booking, airline.now())))


def own_customer(caller: Caller, customer_id: str) -> str:
    """The term to list that customer's records by, for the customer and for staff only."""
    term = f"customer:{customer_id}"
    if not caller.owns((term,)):
        raise missing()
    return term


def same_name(kept: str, given: str) -> bool:
    return hmac.compare_digest(_folded(kept), _folded(given))


def _folded(name: str) -> bytes:
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isalpha()).encode()


def segment_of(booking: Booking, segment_id: str) -> Segment:
    for segment in booking.segments:
        if segment.segment_id == segment_id:
            return segment
    raise missing()


def fare_quote(airline: Airline, question: FareQuestion) -> FareQuote:
    seats = seats_needed(question.passengers)
    if not question.flights or not seats:
        raise rejected("nobody-flies", "Name at least one flight and one passenger with a seat.")
    flights = [
        on_sale(airline.store, ref.flight_number, ref.flight_date, seats, airline.now()) for ref in question.flights
    ]
    fare = sum(fare_minor(flight, question.passengers, question.family, question.cabin) for flight in flights)
    taxes = sum(taxes_minor(flight, question.passengers) for flight in flights)
    return FareQuote(
        family=question.family,
        cabin=question.cabin,
        currency=CURRENCY,
        fare_minor=fare,
        taxes_minor=taxes,
        total_minor=fare + taxes,
        seats_left=min(flight.seats_left for flight in flights),
    )


def change_quote(airline: Airline, booking: Booking, segment: Segment, ref: FlightRef) -> ChangeQuote:
    types = types_of(booking.passengers)
    flight = on_sale(airline.store, ref.flight_number, ref.flight_date, seats_needed(types), airline.now())
    if (flight.origin, flight.destination) != (segment.origin, segment.destination):
        raise rejected("other-route", f"{ref.flight_number} does not fly {segment.origin} to {segment.destination}.")
    price = fare_minor(flight, types, booking.fare.family, segment.cabin)
    return ChangeQuote(
        segment_id=segment.segment_id,
        flight=live(flight, airline.now()),
        currency=booking.currency,
        fare_difference_minor=max(0, price - segment.fare_minor),
        seats_left=flight.seats_left,
    )


def offers(booking: Booking) -> list[AncillaryOffer]:
    if booking.status == "cancelled":
        return []
    return [offer for segment in booking.segments if segment.status == "confirmed" for offer in extras(segment)]


def _show(airline: Airline, booking: Booking) -> Response:
    return record_response(BOOKINGS, presented(airline.store, booking, airline.now()), version=booking.version)
