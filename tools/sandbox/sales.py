"""The booking service, sale of a new booking."""

from random import SystemRandom

from fastapi import APIRouter, Response

from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import (
    Booking,
    Cabin,
    Contact,
    FareFamily,
    FlightRef,
    FlightStatus,
    NewPassenger,
    Passenger,
    PassengerType,
    PaymentMethod,
)
from tools.sandbox.booking import FareQuestion, fare_quote
from tools.sandbox.booking_writes import Cents
from tools.sandbox.contract import Airline, AirlineNow, Asked, Body, Incoming, record_answer
from tools.sandbox.fares import seats_needed
from tools.sandbox.flights import on_sale, take_seats
from tools.sandbox.held import BOOKINGS, PROFILES, WALLETS
from tools.sandbox.issue import issue, new_locator
from tools.sandbox.problems import missing, rejected
from tools.sandbox.store import Answer

router = APIRouter(prefix="/booking/v1/bookings", tags=["booking"])


class NewBooking(Body):
    customer_id: str
    flights: tuple[FlightRef, ...]
    passengers: tuple[NewPassenger, ...]
    family: FareFamily
    cabin: Cabin = "economy"
    payment_token: str
    total_minor: Cents

    @property
    def types(self) -> tuple[PassengerType, ...]:
        return tuple(passenger.type for passenger in self.passengers)


@router.post("", response_model=Booking, status_code=201)
async def book(body: NewBooking, airline: AirlineNow, asked: Asked) -> Response:
    """Charges a stored method of the customer with exactly the total that was quoted."""
    return airline.write(asked, body, lambda: _book(airline, asked, body))


def _book(airline: Airline, asked: Incoming, body: NewBooking) -> Answer:
    customer = CustomerId(body.customer_id)
    profile = airline.store.get(PROFILES, customer)
    if profile is None or not airline.acts_for(asked.caller, customer):
        raise missing()
    question = FareQuestion(flights=body.flights, passengers=body.types, family=body.family, cabin=body.cabin)
    quote = fare_quote(airline, question)
    if quote.total_minor != body.total_minor:
        raise rejected("price-changed", f"The total is now {quote.total_minor} cents.")
    booking = issue(
        locator=_free_locator(airline),
        version=airline.first_version(),
        booker=customer,
        booked_at=airline.now(),
        family=body.family,
        cabin=body.cabin,
        flights=[_seated(airline, ref, seats_needed(body.types)) for ref in body.flights],
        passengers=[_passenger(place, new) for place, new in enumerate(body.passengers, start=1)],
        contact=Contact(email=profile.email, phone=profile.phone),
        payment=_method(airline, customer, body.payment_token),
    )
    airline.store.put(BOOKINGS, booking)
    return record_answer(BOOKINGS, booking, status=201, version=booking.version)


def _seated(airline: Airline, ref: FlightRef, seats: int) -> FlightStatus:
    flight = on_sale(airline.store, ref.flight_number, ref.flight_date, seats, airline.now())
    take_seats(airline.store, flight, seats)
    return flight


def _passenger(place: int, new: NewPassenger) -> Passenger:
    return Passenger(
        passenger_id=f"P{place}",
        given_name=new.given_name,
        surname=new.surname,
        type=new.type,
        birth_date=new.birth_date,
        customer_id=new.customer_id,
        guardian_id=new.guardian_id,
    )


def _method(airline: Airline, customer: CustomerId, token: str) -> PaymentMethod:
    wallet = airline.store.get(WALLETS, customer)
    for method in wallet.methods if wallet else ():
        if method.token == token:
            return method
    raise rejected("no-such-method", "The customer has no stored method of payment with that token.")


def _free_locator(airline: Airline) -> RecordLocator:
    while airline.store.get(BOOKINGS, locator := new_locator(SystemRandom())):
        continue
    return locator
