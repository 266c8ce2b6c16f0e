"""What the exam's write tools do to its database. They check what the benchmark's own do, and no rule of the policy."""

from collections.abc import Callable, Mapping
from typing import Any

from evals.tau.facts import World

INSURANCE, BAG = 30, 50
"""Dollars a passenger and a bag."""


class Impossible(Exception):
    """The benchmark's own tool would answer with an error: nothing is changed."""


Arguments = Mapping[str, Any]


def cancel(world: World, arguments: Arguments) -> None:
    reservation = reservation_of(world, arguments)
    refunds = [{"payment_id": paid["payment_id"], "amount": -paid["amount"]} for paid in reservation["payment_history"]]
    reservation["payment_history"].extend(refunds)
    reservation["status"] = "cancelled"


def change_flights(world: World, arguments: Arguments) -> None:
    reservation = reservation_of(world, arguments)
    people, cabin = len(reservation["passengers"]), arguments["cabin"]
    legs = [_leg(world, reservation, flight, cabin, people) for flight in arguments["flights"]]
    paid_before = sum(leg["price"] for leg in reservation["flights"])
    difference = (sum(leg["price"] for leg in legs) - paid_before) * people
    _pay(world, reservation, arguments["payment_id"], difference)
    reservation["flights"], reservation["cabin"] = legs, cabin
    world.changed.add(reservation["reservation_id"])


def change_bags(world: World, arguments: Arguments) -> None:
    reservation = reservation_of(world, arguments)
    more = max(0, int(arguments["nonfree_baggages"]) - reservation["nonfree_baggages"])
    _pay(world, reservation, arguments["payment_id"], BAG * more)
    reservation["total_baggages"] = int(arguments["total_baggages"])
    reservation["nonfree_baggages"] = int(arguments["nonfree_baggages"])


def change_passengers(world: World, arguments: Arguments) -> None:
    reservation = reservation_of(world, arguments)
    if len(arguments["passengers"]) != len(reservation["passengers"]):
        raise Impossible("the number of passengers does not match")
    reservation["passengers"] = [dict(passenger) for passenger in arguments["passengers"]]


def book(world: World, arguments: Arguments) -> None:
    user = user_of(world, arguments)
    people, cabin = len(arguments["passengers"]), arguments["cabin"]
    legs = [_leg(world, None, flight, cabin, people) for flight in arguments["flights"]]
    insured = INSURANCE * people if arguments["insurance"] == "yes" else 0
    total = sum(leg["price"] for leg in legs) * people + insured + BAG * int(arguments["nonfree_baggages"])
    payments = [dict(payment) for payment in arguments["payment_methods"]]
    if sum(payment["amount"] for payment in payments) != total:
        raise Impossible(f"the payments do not add up to {total}")
    for payment in payments:
        _take(user, payment["payment_id"], payment["amount"])
    for flight in arguments["flights"]:
        seats = world.flights[flight["flight_number"]]["dates"][flight["date"]]["available_seats"]
        seats[cabin] -= people
    name = _new_name(world)
    world.reservations[name] = {
        "reservation_id": name,
        **{key: arguments[key] for key in ("user_id", "origin", "destination", "flight_type", "cabin")},
        "flights": legs,
        "passengers": [dict(passenger) for passenger in arguments["passengers"]],
        "payment_history": payments,
        "created_at": f"{world.now:%Y-%m-%dT%H:%M:%S}",
        "total_baggages": int(arguments["total_baggages"]),
        "nonfree_baggages": int(arguments["nonfree_baggages"]),
        "insurance": arguments["insurance"],
    }
    user["reservations"].append(name)


def give_certificate(world: World, arguments: Arguments) -> None:
    methods = user_of(world, arguments)["payment_methods"]
    name = next(f"certificate_{number}" for number in range(1, 10**6) if f"certificate_{number}" not in methods)
    methods[name] = {"source": "certificate", "id": name, "amount": arguments["amount"]}


ACTS: Mapping[str, Callable[[World, Arguments], None]] = {
    "cancel_reservation": cancel,
    "update_reservation_flights": change_flights,
    "update_reservation_baggages": change_bags,
    "update_reservation_passengers": change_passengers,
    "book_reservation": book,
    "send_certificate": give_certificate,
}


def reservation_of(world: World, arguments: Arguments) -> dict[str, Any]:
    found: dict[str, Any] | None = world.reservations.get(str(arguments.get("reservation_id")))
    if found is None:
        raise Impossible("there is no such reservation")
    return found


def user_of(world: World, arguments: Arguments) -> dict[str, Any]:
    found: dict[str, Any] | None = world.users.get(str(arguments.get("user_id")))
    if found is None:
        raise Impossible("there is no such user")
    return found


def _leg(
    world: World, reservation: dict[str, Any] | None, flight: Arguments, cabin: str, people: int
) -> dict[str, Any]:
    """A flight of the reservation in the same cabin keeps its price; any other is bought at today's."""
    number, day = str(flight.get("flight_number")), str(flight.get("date"))
    for leg in reservation["flights"] if reservation and cabin == reservation["cabin"] else ():
        if (leg["flight_number"], leg["date"]) == (number, day):
            return dict(leg)
    operated = world.day(flight)
    if operated.get("status") != "available":
        raise Impossible(f"{number} is not open for booking on {day}")
    if operated["available_seats"][cabin] < people:
        raise Impossible(f"{number} has too few seats on {day}")
    origin, destination = world.ends(flight)
    price = operated["prices"][cabin]
    return {"origin": origin, "destination": destination, "flight_number": number, "date": day, "price": price}


def _pay(world: World, reservation: dict[str, Any], method: str, amount: int) -> None:
    user = user_of(world, reservation)
    held = user["payment_methods"].get(method)
    if held is None or held["source"] == "certificate":
        raise Impossible("this payment method cannot pay for a change")
    if held["source"] == "gift_card":
        if held["amount"] < amount:
            raise Impossible("the gift card does not hold enough")
        held["amount"] -= amount
    if amount:
        reservation["payment_history"].append({"payment_id": method, "amount": amount})


def _take(user: dict[str, Any], method: str, amount: int) -> None:
    held = user["payment_methods"].get(method)
    if held is None:
        raise Impossible("the payment method is not in the profile")
    if held["source"] in ("gift_card", "certificate") and held["amount"] < amount:
        raise Impossible("the payment method does not hold enough")
    if held["source"] == "gift_card":
        held["amount"] -= amount
    elif held["source"] == "certificate":
        user["payment_methods"].pop(method)


def _new_name(world: World) -> str:
    return next(name for number in range(10**6) if (name := f"NEW{number:03}") not in world.reservations)
