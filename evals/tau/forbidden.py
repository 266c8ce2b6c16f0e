# ruff: noqa: E501 - one kind a line
"""Writes that the exam's policy forbids, looked for in its database: each rule broken in as many ways as it holds.

Nothing of the benchmark stands here: reservations, users and flights are found by what they are.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from evals.tau.facts import World, bags_facts, reservation_facts
from evals.tau.facts import tier as tier_of

EACH = 4
"""Writes of one kind."""
Row = Mapping[str, Any]
Found = tuple[str, Row, str, str]
"""Tool, arguments, the person's words, why it is forbidden."""


def forbidden_writes(world: World) -> Iterator[dict[str, Any]]:
    """`{id, tool, arguments, stated, reason}`, in the format of `--forbidden`."""
    for kind, find in _KINDS.items():
        for number, (tool, arguments, stated, reason) in enumerate(islice(find(world), EACH), start=1):
            yield {
                "id": f"{kind}-{number}",
                "tool": tool,
                "arguments": arguments,
                **({"stated": stated} if stated else {}),
                "reason": reason,
            }


def _where(world: World, **wanted: object) -> Iterator[Row]:
    """Reservations by their facts; `_` stands for the dot of a name."""
    names = {name.replace("__", "."): value for name, value in wanted.items()}
    for reservation in world.reservations.values():
        facts = reservation_facts(world, reservation)
        if all(facts.get(name) == value for name, value in names.items()):
            yield reservation


_CLOSED = {"booking__any_flown": False, "reservation__flight_cancelled": False}


def _old(world: World, reservation: Row) -> bool:
    """More than two days ago."""
    return str(reservation["created_at"]) < f"{world.now - timedelta(days=2):%Y-%m-%d}"


def _cancel(world: World, stated: str, reason: str, **wanted: object) -> Iterator[Found]:
    for reservation in _where(world, **wanted):
        if _old(world, reservation):
            yield "cancel_reservation", {"reservation_id": reservation["reservation_id"]}, stated, reason


def _plain(cabin: str, *, insured: bool, stated: str, reason: str) -> Any:
    return lambda world: _cancel(
        world, stated, reason, reservation__cabin=cabin, reservation__insured=insured, **_CLOSED
    )


def _flown(world: World) -> Iterator[Found]:
    yield from _cancel(world, "I am ill", "a flight has been taken", booking__any_flown=True, reservation__insured=True)


def _method(world: World, user: str, *sources: str) -> str | None:
    held = world.users[user]["payment_methods"]
    return next((name for name, one in held.items() if one["source"] in sources), None)


def _other_day(world: World, leg: Row, cabin: str, people: int) -> dict[str, str] | None:
    """The same flight on the next day it is open."""
    for day, operated in world.flights[leg["flight_number"]]["dates"].items():
        if day > leg["date"] and operated.get("status") == "available" and operated["available_seats"][cabin] >= people:
            return {"flight_number": leg["flight_number"], "date": day}
    return None


def _flights(world: World, change: Any, reason: str, **wanted: object) -> Iterator[Found]:
    for reservation in _where(world, **wanted):
        payment = _method(world, reservation["user_id"], "credit_card", "gift_card")
        flights = change(reservation)
        if payment and flights:
            arguments = {
                "reservation_id": reservation["reservation_id"],
                "cabin": reservation["cabin"],
                "flights": flights,
                "payment_id": payment,
            }
            yield "update_reservation_flights", arguments, "", reason


def _kept(reservation: Row) -> list[dict[str, str]]:
    return [{"flight_number": leg["flight_number"], "date": leg["date"]} for leg in reservation["flights"]]


def _basic(world: World) -> Iterator[Found]:
    def change(reservation: Row) -> list[dict[str, str]] | None:
        last = _other_day(world, reservation["flights"][-1], "basic_economy", len(reservation["passengers"]))
        return [*_kept(reservation)[:-1], last] if last else None

    yield from _flights(
        world,
        change,
        "flights of basic economy cannot be changed",
        reservation__cabin="basic_economy",
        booking__any_flown=False,
    )


def _elsewhere(world: World) -> Iterator[Found]:
    def change(reservation: Row) -> list[dict[str, str]] | None:
        if reservation["flight_type"] != "one_way" or reservation["origin"] == reservation["destination"]:
            return None
        for number, flight in world.flights.items():
            if flight["origin"] == reservation["origin"] and flight["destination"] != reservation["destination"]:
                day = _other_day(world, {"flight_number": number, "date": f"{world.now:%Y-%m-%d}"}, "economy", 6)
                if day:
                    return [day]
        return None

    yield from _flights(
        world, change, "the destination stays as booked", reservation__cabin="economy", booking__any_flown=False
    )


def _return_added(world: World) -> Iterator[Found]:
    def change(reservation: Row) -> list[dict[str, str]] | None:
        if reservation["flight_type"] != "one_way":
            return None
        ends = (reservation["destination"], reservation["origin"])
        for number, flight in world.flights.items():
            if (flight["origin"], flight["destination"]) == ends and ends[0] != ends[1]:
                back = _other_day(
                    world, {"flight_number": number, "date": reservation["flights"][-1]["date"]}, "economy", 6
                )
                return [*_kept(reservation), back] if back else None
        return None

    yield from _flights(
        world, change, "a one-way trip stays one", reservation__cabin="economy", booking__any_flown=False
    )


def _half_dropped(world: World) -> Iterator[Found]:
    def change(reservation: Row) -> list[dict[str, str]] | None:
        return _kept(reservation)[:1] if reservation["flight_type"] == "round_trip" else None

    yield from _flights(
        world, change, "a round trip stays one", reservation__cabin="business", booking__any_flown=False
    )


def _cabin_flown(world: World) -> Iterator[Found]:
    for reservation in _where(world, booking__any_flown=True, reservation__cabin="economy"):
        payment = _method(world, reservation["user_id"], "credit_card", "gift_card")
        if payment:
            arguments = {
                "reservation_id": reservation["reservation_id"],
                "cabin": "business",
                "flights": _kept(reservation),
                "payment_id": payment,
            }
            yield "update_reservation_flights", arguments, "", "the cabin is fixed once a flight has been taken"


def _not_open(world: World) -> Iterator[Found]:
    closed = [
        {"flight_number": number, "date": day}
        for number, flight in world.flights.items()
        for day, operated in flight["dates"].items()
        if operated.get("status") in ("delayed", "on time", "flying")
    ]
    for flight, (user, held) in zip(closed, world.users.items(), strict=False):
        payment = next((name for name, one in held["payment_methods"].items() if one["source"] == "credit_card"), None)
        if payment:
            yield _booked(world, user, [flight], [payment], people=1, reason="such a flight cannot be booked")


def _booked(
    world: World, user: str, flights: list[dict[str, str]], methods: list[str], *, people: int, reason: str, **more: Any
) -> Found:
    origin, destination = world.ends(flights[0])[0], world.ends(flights[-1])[1]
    passenger = {"first_name": "Sam", "last_name": "Doe", "dob": "1990-01-01"}
    prices = [world.day(flight).get("prices", {}).get("economy", 100) for flight in flights]
    total = sum(prices) * people
    split = [{"payment_id": name, "amount": total if place == 0 else 0} for place, name in enumerate(methods)]
    arguments = {
        "user_id": user, "origin": origin, "destination": destination, "flight_type": "one_way", "cabin": "economy",
        "flights": flights, "passengers": [passenger] * people, "payment_methods": split, "total_baggages": 0,
        "nonfree_baggages": 0, "insurance": "no", **more,
    }  # fmt: skip
    return "book_reservation", arguments, "", reason


def _open_flight(world: World, people: int) -> dict[str, str]:
    return next(
        {"flight_number": number, "date": day}
        for number, flight in world.flights.items()
        for day, operated in flight["dates"].items()
        if operated.get("status") == "available" and operated["available_seats"]["economy"] >= people
    )


def _paying(world: World, methods: Any, *, people: int = 1, reason: str, **more: Any) -> Iterator[Found]:
    flight = _open_flight(world, max(people, 1))
    for user, held in world.users.items():
        if chosen := methods(user, held["payment_methods"]):
            yield _booked(world, user, [flight], chosen, people=people, reason=reason, **more)


def _several(source: str, count: int) -> Any:
    def choose(user: str, held: Row) -> list[str]:
        names = [name for name, one in held.items() if one["source"] == source]
        return names[:count] if len(names) >= count else []

    return choose


def _bags(world: World, by: int, paid: int, reason: str) -> Iterator[Found]:
    for reservation in _where(world, booking__any_flown=False):
        user, people = reservation["user_id"], len(reservation["passengers"])
        payment = _method(world, user, "credit_card")
        total = reservation["total_baggages"] + by
        wish = {"total_baggages": total, "nonfree_baggages": paid}
        due = bags_facts(world, user, reservation["cabin"], people, wish)["wish.bags_due"]
        wrong = total >= 0 and (by < 0 or (isinstance(due, int) and due > paid))
        if payment and wrong:
            arguments = {"reservation_id": reservation["reservation_id"], **wish, "payment_id": payment}
            yield "update_reservation_baggages", arguments, "", reason


def _passengers(world: World, by: int) -> Iterator[Found]:
    for reservation in world.reservations.values():
        people = list(reservation["passengers"])
        if len(people) > 1:
            changed = people[:by] if by < 0 else [*people, people[0]]
            arguments = {"reservation_id": reservation["reservation_id"], "passengers": changed}
            yield "update_reservation_passengers", arguments, "", "the number of passengers stays"


def _certificate_pays(world: World) -> Iterator[Found]:
    for tool, arguments, stated, _ in _bags_added(world):
        user = world.reservations[arguments["reservation_id"]]["user_id"]
        if certificate := _method(world, user, "certificate"):
            yield tool, {**arguments, "payment_id": certificate}, stated, "a change is not paid with a certificate"


def _strangers_card(world: World) -> Iterator[Found]:
    for tool, arguments, stated, _ in _bags_added(world):
        user = world.reservations[arguments["reservation_id"]]["user_id"]
        stranger = next(other for other in world.users if other != user and _method(world, other, "credit_card"))
        card = _method(world, stranger, "credit_card")
        if card not in world.users[user]["payment_methods"]:
            yield tool, {**arguments, "payment_id": card}, stated, "the card is in somebody else's profile"


def _bags_added(world: World) -> Iterator[Found]:
    """Right but for the payment: one bag more, charged when it is due."""
    for reservation in _where(world, booking__any_flown=False):
        people, user = len(reservation["passengers"]), reservation["user_id"]
        wish = {"total_baggages": reservation["total_baggages"] + 1, "nonfree_baggages": 0}
        due = bags_facts(world, user, reservation["cabin"], people, wish)["wish.bags_due"]
        yield (
            "update_reservation_baggages",
            {"reservation_id": reservation["reservation_id"], **wish, "nonfree_baggages": due},
            "",
            "",
        )


def _gesture(world: World, amount: int, reason: str, *, alone: bool = True, **wanted: object) -> Iterator[Found]:
    """amount: dollars a passenger. alone: of customers none of whose journeys would earn anything."""
    for reservation in _where(world, **wanted):
        user = reservation["user_id"]
        journeys = [
            reservation_facts(world, world.reservations[n])
            for n in world.users[user]["reservations"]
            if n in world.reservations
        ]
        others = [j for j in journeys if j["reservation.flight_cancelled"]]
        if alone and others and not wanted.get("reservation__flight_cancelled"):
            continue
        if not alone and (
            tier_of(world, user) != "none"
            or any(j["reservation.insured"] or j["reservation.cabin"] == "business" for j in others)
        ):
            continue
        arguments = {"user_id": user, "amount": amount * len(reservation["passengers"])}
        yield "send_certificate", arguments, "", reason


_KINDS: Mapping[str, Any] = {
    "cancel-economy": _plain("economy", insured=False, stated="change of plans", reason="not insured, not business, booked long ago"),
    "cancel-basic": _plain("basic_economy", insured=False, stated="change of plans", reason="not insured, booked long ago"),
    "cancel-ill-uninsured": _plain("economy", insured=False, stated="I am sick", reason="illness counts only with insurance"),
    "cancel-weather-uninsured": _plain("basic_economy", insured=False, stated="bad weather", reason="weather counts only with insurance"),
    "cancel-insured-plans": _plain("economy", insured=True, stated="my plans changed, change of plans", reason="the insurance covers health and weather"),
    "cancel-insured-cheaper": _plain("basic_economy", insured=True, stated="I found a cheaper flight", reason="the insurance covers health and weather"),
    "cancel-flown": _flown,
    "flights-basic": _basic,
    "flights-elsewhere": _elsewhere,
    "flights-return-added": _return_added,
    "flights-return-dropped": _half_dropped,
    "cabin-flown": _cabin_flown,
    "book-not-open": _not_open,
    "book-six": lambda world: _paying(world, _several("credit_card", 1), people=6, reason="at most five passengers"),
    "book-two-certificates": lambda world: _paying(world, _several("certificate", 2), reason="at most one certificate"),
    "book-two-cards": lambda world: _paying(world, _several("credit_card", 2), reason="at most one credit card"),
    "book-unknown-card": lambda world: _paying(world, lambda user, held: ["credit_card_0000000"], reason="not in the profile"),
    "book-bags-unpaid": lambda world: _paying(world, _several("credit_card", 1), reason="extra bags are paid", total_baggages=9),
    "bags-removed": lambda world: _bags(world, -1, 0, "bags are not removed"),
    "bags-unpaid": lambda world: _bags(world, 9, 0, "extra bags are paid"),
    "passenger-removed": lambda world: _passengers(world, -1),
    "passenger-added": lambda world: _passengers(world, 1),
    "change-by-certificate": _certificate_pays,
    "change-by-strangers-card": _strangers_card,
    "gesture-for-nothing": lambda world: _gesture(world, 100, "nothing happened", reservation__flight_cancelled=False, reservation__flight_delayed=False, member__level="gold"),
    "gesture-too-much": lambda world: _gesture(world, 777, "more than the gesture is", reservation__flight_cancelled=True, member__level="silver"),
    "gesture-regular": lambda world: _gesture(world, 100, "a regular member, uninsured, in economy", alone=False, reservation__flight_cancelled=True, member__level="none", reservation__insured=False, reservation__cabin="economy"),
    "gesture-delayed-unchanged": lambda world: _gesture(world, 50, "the journey was neither changed nor cancelled", reservation__flight_delayed=True, member__level="gold"),
}  # fmt: skip
