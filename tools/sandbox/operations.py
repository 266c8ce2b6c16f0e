"""Operations control of the embedded airline: what makes a flight late or cancels it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import FastAPI
from pydantic import Field

from tools.domain.records import FlightStatus
from tools.sandbox.contract import Airline, Body
from tools.sandbox.flights import operated
from tools.sandbox.held import FLIGHTS
from tools.sandbox.timetable import disrupt


class Disruption(Body):
    """delay_minutes None: cancelled."""

    flight_number: str
    flight_date: date
    delay_minutes: Annotated[int | None, Field(ge=15, le=2_880)] = None
    cause: str = "technical"
    extraordinary: bool | None = False

    def told(self) -> tuple[str, dict[str, object]]:
        """The type and the data of the event that tells the landscape."""
        data = self.model_dump(mode="json", exclude_none=True)
        return ("flight.delayed" if self.delay_minutes else "flight.cancelled"), data


def upset(airline: Airline, wanted: Disruption, announced_at: datetime) -> FlightStatus | None:
    """Delays or cancels a flight from now on; None for a flight that is not flown."""
    with airline.store.transaction():
        flight = operated(airline.store, wanted.flight_number, wanted.flight_date)
        if flight is None:
            return None
        delay = timedelta(minutes=wanted.delay_minutes) if wanted.delay_minutes else None
        late = disrupt(
            flight,
            delay=delay,
            cause=wanted.cause,
            extraordinary=wanted.extraordinary,
            announced_at=announced_at,
        )
        airline.store.put(FLIGHTS, late)
    return late


def follow(sandbox: FastAPI, event_type: str, data: Mapping[str, object]) -> None:
    """Lets the embedded airline's own records agree with an event about one of its flights, however often it comes."""
    airline: Airline = sandbox.state.airline
    minutes = data.get("delay_minutes")
    if event_type not in ("flight.cancelled", "flight.delayed") or (event_type == "flight.delayed" and not minutes):
        return
    known = {name: data[name] for name in ("flight_number", "flight_date", "cause", "extraordinary") if name in data}
    wanted = Disruption.model_validate({**known, "delay_minutes": minutes if event_type == "flight.delayed" else None})
    upset(airline, wanted, airline.now())
