"""What a generation of the airline is: everything put into a fresh store, and when a kept one is too old to use.

All times stand relative to the moment of seeding. Story times (a fare still inside its 24 hours, a flight that leaves
tomorrow) stay true for twelve hours; at the next start after that the store is filled anew, under a new epoch, so a
version read from the old generation matches nothing in the new one.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tools.domain.ids import CustomerId
from tools.domain.records import Booking, Case, Claim, Consent, FlightStatus, Profile, Refund
from tools.sandbox.held import (
    BOOKINGS,
    CASES,
    CLAIMS,
    CONSENTS,
    FLIGHTS,
    PACKETS,
    PROFILES,
    REFUNDS,
    WALLETS,
    Packet,
    Wallet,
    operation_id,
)
from tools.sandbox.store import Store

Size = Literal["demo", "full"]
FRESH = timedelta(hours=12)
_FORMAT = "2"
"""Of the kept records; another one is seeded anew."""


@dataclass(kw_only=True)
class World:
    """A generation in the making."""

    now: datetime
    epoch: str
    chance: random.Random
    flights: dict[str, FlightStatus] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)
    wallets: list[Wallet] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    bookings: dict[str, Booking] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)

    @property
    def version(self) -> str:
        return f"{self.epoch}.1"

    def keep_flight(self, flight: FlightStatus) -> FlightStatus:
        self.flights[operation_id(flight.flight_number, flight.flight_date)] = flight
        return flight

    def keep_booking(self, booking: Booking) -> Booking:
        self.bookings[booking.record_locator] = booking
        return booking

    def profile(self, customer: CustomerId) -> Profile:
        return next(profile for profile in self.profiles if profile.customer_id == customer)


def is_current(store: Store, size: Size, seed: int, now: datetime) -> bool:
    meta = store.meta()
    if (meta.get("format"), meta.get("size"), meta.get("seed")) != (_FORMAT, size, str(seed)):
        return False
    return abs(now - datetime.fromisoformat(meta["seeded_at"])) < FRESH


def fill(store: Store, world: World, size: Size, seed: int) -> None:
    with store.transaction():
        store.restart(
            {
                "format": _FORMAT,
                "size": size,
                "seed": str(seed),
                "seeded_at": world.now.isoformat(),
                "epoch": world.epoch,
            }
        )
        store.put(FLIGHTS, *world.flights.values())
        store.put(PROFILES, *world.profiles)
        store.put(WALLETS, *world.wallets)
        store.put(CONSENTS, *world.consents)
        store.put(BOOKINGS, *world.bookings.values())
        store.put(REFUNDS, *world.refunds)
        store.put(CLAIMS, *world.claims)
        store.put(CASES, *world.cases)
        store.put(PACKETS, *(Packet(case_id=case.case_id, content={"summary": case.summary}) for case in world.cases))
