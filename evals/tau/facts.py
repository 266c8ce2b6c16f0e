"""What the exam's records hold beyond our vocabulary: names with their types, and how each is read from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from knowledge.values import Kind, Value

Row = Mapping[str, Any]
KINDS: Mapping[str, Kind] = {
    "member.level": "string",
    "reservation.cabin": "string",
    "reservation.insured": "bool",
    "reservation.bags": "int",
    "reservation.own": "bool",
    "reservation.changed": "bool",
    "reservation.flight_cancelled": "bool",
    "reservation.flight_delayed": "bool",
    "wish.flights_changed": "bool",
    "wish.cabin_changed": "bool",
    "wish.flown_changed": "bool",
    "wish.same_journey": "bool",
    "wish.bookable": "bool",
    "wish.passengers": "int",
    "wish.bags": "int",
    "wish.paid_bags": "int",
    "wish.bags_due": "int",
    "payment.in_profile": "bool",
    "payment.certificates": "int",
    "payment.cards": "int",
    "payment.gift_cards": "int",
}
_FLOWN = ("landed", "flying")
_TIERS = {"regular": "none"}
_FREE_BAGS = {
    ("none", "basic_economy"): 0, ("none", "economy"): 1, ("none", "business"): 2,
    ("silver", "basic_economy"): 1, ("silver", "economy"): 2, ("silver", "business"): 3,
    ("gold", "basic_economy"): 2, ("gold", "economy"): 3, ("gold", "business"): 4,
}  # fmt: skip
"""Free checked bags a passenger, by membership and cabin."""


class World:
    """The exam's database, read. now: when its policy says it is. changed: what was changed since it was loaded."""

    def __init__(self, db: Mapping[str, Any], now: datetime) -> None:
        self.now = now
        self.flights: dict[str, Any] = db["flights"]
        self.users: dict[str, Any] = db["users"]
        self.reservations: dict[str, Any] = db["reservations"]
        self.changed: set[str] = set()

    def day(self, flight: Row) -> Row:
        """One flight on one day; empty when there is none."""
        dates = self.flights.get(str(flight.get("flight_number")), {}).get("dates", {})
        found: Row = dates.get(str(flight.get("date")), {})
        return found

    def status(self, flight: Row) -> str:
        return str(self.day(flight).get("status", "unknown"))

    def ends(self, flight: Row) -> tuple[str, str]:
        known = self.flights.get(str(flight.get("flight_number")), {})
        return str(known.get("origin")), str(known.get("destination"))


def reservation_facts(world: World, reservation: Row) -> dict[str, Value]:
    states = [world.status(flight) for flight in reservation["flights"]]
    created = datetime.fromisoformat(str(reservation["created_at"])).replace(tzinfo=world.now.tzinfo)
    return {
        "booking.status": "cancelled" if reservation.get("status") == "cancelled" else "confirmed",
        "booking.age": max(world.now - created, timedelta()),
        "booking.any_flown": any(state in _FLOWN for state in states),
        "booking.group_size": len(reservation["passengers"]),
        "member.level": tier(world, str(reservation["user_id"])),
        "reservation.cabin": str(reservation["cabin"]),
        "reservation.insured": reservation.get("insurance") == "yes",
        "reservation.bags": int(reservation["total_baggages"]),
        "reservation.changed": reservation["reservation_id"] in world.changed,
        "reservation.flight_cancelled": "cancelled" in states,
        "reservation.flight_delayed": "delayed" in states,
    }


def tier(world: World, user_id: str) -> str:
    member = str(world.users.get(user_id, {}).get("membership", "regular"))
    return _TIERS.get(member, member)


def flights_facts(world: World, reservation: Row, flights: Sequence[Row], cabin: str) -> dict[str, Value]:
    """Of a wish for other flights or another cabin; flights kept as they are need not be open for booking."""
    before = {(flight["flight_number"], flight["date"]) for flight in reservation["flights"]}
    after = {(str(flight.get("flight_number")), str(flight.get("date"))) for flight in flights}
    flown = {(f["flight_number"], f["date"]) for f in reservation["flights"] if world.status(f) in _FLOWN}
    other_cabin = cabin != reservation["cabin"]
    asked = [f for f in flights if other_cabin or (f.get("flight_number"), f.get("date")) not in before]
    people = len(reservation["passengers"])
    return {
        "wish.flights_changed": before != after,
        "wish.cabin_changed": other_cabin,
        "wish.flown_changed": not flown <= after,
        "wish.same_journey": same_journey(world, reservation, flights),
        "wish.bookable": bookable(world, asked, cabin, people),
    }


def same_journey(world: World, journey: Row, flights: Sequence[Row]) -> bool:
    """The flights lead on from each other, from the origin to the destination, and back for a round trip alone.

    Of a journey whose own flights do not fit its origin and destination, the ends of those flights are kept.
    """
    legs = [world.ends(flight) for flight in flights]
    own = [world.ends(flight) for flight in journey.get("flights", ())] if "reservation_id" in journey else []
    if own and _fits(journey, own) is False:
        return bool(legs) and (legs[0][0], legs[-1][1]) == (own[0][0], own[-1][1])
    return _fits(journey, legs)


def _fits(journey: Row, legs: Sequence[tuple[str, str]]) -> bool:
    origin, destination = journey["origin"], journey["destination"]
    joined = all(one[1] == other[0] for one, other in pairwise(legs))
    if not legs or legs[0][0] != origin or not joined:
        return False
    if journey["flight_type"] == "one_way":
        return legs[-1][1] == destination and origin not in [leg[1] for leg in legs]
    return legs[-1][1] == origin and destination in [leg[1] for leg in legs]


def bookable(world: World, flights: Sequence[Row], cabin: str, people: int) -> bool:
    days = [world.day(flight) for flight in flights]
    return all(d.get("status") == "available" and d.get("available_seats", {}).get(cabin, 0) >= people for d in days)


def bags_facts(world: World, user_id: str, cabin: str, people: int, wish: Row) -> dict[str, Value]:
    total, paid = int(wish.get("total_baggages", 0)), int(wish.get("nonfree_baggages", 0))
    free = _FREE_BAGS.get((tier(world, user_id), cabin), 0) * people
    return {"wish.bags": total, "wish.paid_bags": paid, "wish.bags_due": max(0, total - free)}


def payment_facts(world: World, user_id: str, methods: Sequence[str]) -> dict[str, Value]:
    """What the methods named are, by the profile; one that is not in it is none of the customer's."""
    held = world.users.get(user_id, {}).get("payment_methods", {})
    sources = [held.get(method, {}).get("source", "unknown") for method in methods]
    return {
        "payment.in_profile": "unknown" not in sources,
        "payment.certificates": sources.count("certificate"),
        "payment.cards": sources.count("credit_card"),
        "payment.gift_cards": sources.count("gift_card"),
    }
