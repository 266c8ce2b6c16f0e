"""The booking service over HTTP."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pydantic_core import to_jsonable_python

from tools.clients.shapes import BOOKING, CHANGE_QUOTE, FARE_QUOTE, FLIGHT, OFFER
from tools.clients.wire import Wire
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import (
    AncillaryOffer,
    Booking,
    Cabin,
    ChangeQuote,
    FareFamily,
    FareQuote,
    FlightRef,
    FlightStatus,
    NewPassenger,
    PassengerType,
)
from tools.ports import Subject, Write

_FLIGHT_NUMBER = re.compile(r"[A-Z0-9]{2}\d{1,4}", re.ASCII)
_SYSTEM = Subject("system")
_BOOKINGS = "/booking/v1/bookings"


@dataclass(frozen=True)
class HttpBookings:
    wire: Wire

    async def get(self, locator: RecordLocator, *, subject: Subject) -> Booking:
        return await self.wire.read(BOOKING.one, self._path(locator), subject=subject)

    async def find(self, locator: RecordLocator, surname: str) -> Booking:
        proof = {"record_locator": locator, "surname": surname}
        return await self.wire.ask(BOOKING.one, f"{_BOOKINGS}/lookup", proof, subject=_SYSTEM)

    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Booking, ...]:
        found = await self.wire.read(
            BOOKING.many,
            _BOOKINGS,
            subject=subject or Subject(f"customer:{customer}"),
            params={"customer_id": customer},
        )
        return found.items

    async def flight_status(self, flight_number: str, flight_date: date | None) -> tuple[FlightStatus, ...]:
        number = flight_number.upper().replace(" ", "")
        if not _FLIGHT_NUMBER.fullmatch(number):
            return ()
        params = {"flight_date": flight_date.isoformat()} if flight_date else None
        found = await self.wire.read(FLIGHT.many, f"/booking/v1/flights/{number}", subject=_SYSTEM, params=params)
        return found.items

    async def search_flights(self, origin: str, destination: str, flight_date: date) -> tuple[FlightStatus, ...]:
        params = {"origin": origin, "destination": destination, "flight_date": flight_date.isoformat()}
        return (await self.wire.read(FLIGHT.many, "/booking/v1/flights", subject=_SYSTEM, params=params)).items

    async def on_flight(self, flight_number: str, flight_date: date) -> tuple[Booking, ...]:
        flight = {"flight_number": flight_number, "flight_date": flight_date.isoformat()}
        return (await self.wire.read(BOOKING.many, "/booking/v1/manifest", subject=_SYSTEM, params=flight)).items

    async def quote_fare(
        self,
        flights: Sequence[FlightRef],
        passengers: Sequence[PassengerType],
        *,
        family: FareFamily,
        cabin: Cabin = "economy",
    ) -> FareQuote:
        question = {
            "flights": to_jsonable_python(flights),
            "passengers": list(passengers),
            "family": family,
            "cabin": cabin,
        }
        return await self.wire.ask(FARE_QUOTE.one, "/booking/v1/fare-quotes", question, subject=_SYSTEM)

    async def quote_change(
        self, locator: RecordLocator, segment_id: str, flight: FlightRef, *, subject: Subject
    ) -> ChangeQuote:
        return await self.wire.read(
            CHANGE_QUOTE.one,
            self._path(locator, "segments", segment_id, "change-quote"),
            subject=subject,
            params=to_jsonable_python(flight),
        )

    async def ancillary_offers(self, locator: RecordLocator, *, subject: Subject) -> tuple[AncillaryOffer, ...]:
        return (await self.wire.read(OFFER.many, self._path(locator, "ancillary-offers"), subject=subject)).items

    async def cancel(self, locator: RecordLocator, *, refund_minor: int, write: Write) -> Booking:
        return await self._post(self._path(locator, "cancellation"), {"refund_minor": refund_minor}, write)

    async def change_segment(
        self,
        locator: RecordLocator,
        segment_id: str,
        flight: FlightRef,
        *,
        fare_difference_minor: int,
        fee_minor: int,
        write: Write,
    ) -> Booking:
        body = {
            "flight": to_jsonable_python(flight),
            "fare_difference_minor": fare_difference_minor,
            "fee_minor": fee_minor,
        }
        return await self._post(self._path(locator, "segments", segment_id, "change"), body, write)

    async def rebook(self, locator: RecordLocator, segment_id: str, flight: FlightRef, *, write: Write) -> Booking:
        body = {"flight": to_jsonable_python(flight)}
        return await self._post(self._path(locator, "segments", segment_id, "rebooking"), body, write)

    async def add_ancillary(
        self,
        locator: RecordLocator,
        *,
        code: str,
        passenger_id: str,
        segment_id: str,
        price_minor: int,
        detail: str = "",
        write: Write,
    ) -> Booking:
        body = {
            "code": code,
            "passenger_id": passenger_id,
            "segment_id": segment_id,
            "price_minor": price_minor,
            "detail": detail,
        }
        return await self._post(self._path(locator, "ancillaries"), body, write)

    async def correct_name(
        self,
        locator: RecordLocator,
        passenger_id: str,
        *,
        given_name: str,
        surname: str,
        fee_minor: int = 0,
        write: Write,
    ) -> Booking:
        body = {"given_name": given_name, "surname": surname, "fee_minor": fee_minor}
        return await self._post(self._path(locator, "passengers", passenger_id, "name"), body, write)

    async def book(
        self,
        customer: CustomerId,
        flights: Sequence[FlightRef],
        passengers: Sequence[NewPassenger],
        *,
        family: FareFamily,
        cabin: Cabin = "economy",
        payment_token: str,
        total_minor: int,
        write: Write,
    ) -> Booking:
        body = {
            "customer_id": customer,
            "flights": to_jsonable_python(flights),
            "passengers": to_jsonable_python(passengers),
            "family": family,
            "cabin": cabin,
            "payment_token": payment_token,
            "total_minor": total_minor,
        }
        return await self._post(_BOOKINGS, body, write)

    async def _post(self, path: str, body: object, write: Write) -> Booking:
        return await self.wire.write(BOOKING.one, "POST", path, body, write=write)

    def _path(self, locator: RecordLocator, *parts: str) -> str:
        return "/".join((_BOOKINGS, *(self.wire.segment(part) for part in (locator, *parts))))
