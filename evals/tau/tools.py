"""The exam's write tools as tools of ours: the executor asks the pack, and only a step changes the exam's database."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.tau.acts import ACTS, Impossible, reservation_of, user_of
from evals.tau.facts import World, bags_facts, bookable, flights_facts, payment_facts, reservation_facts, same_journey
from knowledge.pack import PolicyPack
from knowledge.values import Value
from tools.domain.outcomes import Invalid, Outcome
from tools.ports import Write
from tools.tool import Arguments, Call, Order, Resolution, Tool

ACTIONS = {
    "cancel_reservation": "cancel_booking",
    "update_reservation_flights": "change_flight",
    "update_reservation_baggages": "add_ancillary",
    "update_reservation_passengers": "correct_name",
    "book_reservation": "book_flight",
    "send_certificate": "issue_goodwill",
}
_COVERED = (
    (r"\b(?:sick|ill|illness|health|medical|hospital|doctor|surgery|injur\w*|pregnan\w*|covid|flu)\b", "health"),
    (r"\b(?:weather|storm|hurricane|snow\w*|flood\w*|tornado|typhoon|blizzard)\b", "weather"),
)
"""What a person says of why, and the reason of health or weather that it is."""
STATED = "The reason is: "
"""Opens words that state the reason, whatever it is."""


class Wish(Arguments, BaseModel):
    """The benchmark's arguments as they are; its own tools have no schema beyond them."""

    model_config = ConfigDict(frozen=True, extra="allow")

    def given(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


def read_reason(words: str) -> str | None:
    """The reason in a person's words; None when they said nothing.

    `attested`: they spoke, and named no reason that can be read; the card then names what is covered, and confirming
    it attests one. `other`: they stated a reason, and it is none of health or weather.
    """
    found = next((reason for pattern, reason in _COVERED if re.search(pattern, words, re.I)), None)
    if found or not words.strip():
        return found
    return "other" if words.startswith(STATED) else "attested"


def exam_tools(world: World, pack: PolicyPack) -> tuple[Tool, ...]:
    return tuple(_tool(name, world, pack) for name in ACTIONS)


def _tool(name: str, world: World, pack: PolicyPack) -> Tool:
    async def resolve(call: Call) -> Resolution | Outcome:
        try:
            return Resolution(facts=_FACTS[name](world, pack, call))
        except Impossible as error:
            return Invalid(say=str(error))

    async def act(order: Order, write: Write) -> None:
        ACTS[name](world, order.arguments.given())

    return Tool(
        name=name,
        description=f"The exam's {name}.",
        arguments=Wish,
        kind="write",
        least="authenticated",
        action=ACTIONS[name],
        resolve=resolve,
        summary=lambda call: name.replace("_", " "),
        receipt=lambda call: "Done.",
        steps=(act,),
    )


Facts = dict[str, Value]


def _of_reservation(world: World, call: Call) -> Facts:
    reservation = reservation_of(world, call.arguments.given())
    own = call.turn.speaker.customer_id in (None, reservation["user_id"])
    return {**reservation_facts(world, reservation), "reservation.own": own}


def _cancelling(world: World, pack: PolicyPack, call: Call) -> Facts:
    reason = read_reason(" ".join(call.turn.said))
    return {**_of_reservation(world, call), **({"stated.reason": reason} if reason else {})}


def _changing_flights(world: World, pack: PolicyPack, call: Call) -> Facts:
    wish = call.arguments.given()
    reservation = reservation_of(world, wish)
    return {
        **_of_reservation(world, call),
        **flights_facts(world, reservation, wish.get("flights") or (), str(wish.get("cabin"))),
        **payment_facts(world, reservation["user_id"], [str(wish.get("payment_id"))]),
    }


def _changing_bags(world: World, pack: PolicyPack, call: Call) -> Facts:
    wish = call.arguments.given()
    reservation = reservation_of(world, wish)
    people, user = len(reservation["passengers"]), reservation["user_id"]
    return {
        **_of_reservation(world, call),
        **bags_facts(world, user, reservation["cabin"], people, wish),
        **payment_facts(world, user, [str(wish.get("payment_id"))]),
    }


def _changing_passengers(world: World, pack: PolicyPack, call: Call) -> Facts:
    return {**_of_reservation(world, call), "wish.passengers": len(call.arguments.given().get("passengers") or ())}


def _booking(world: World, pack: PolicyPack, call: Call) -> Facts:
    wish = call.arguments.given()
    user_of(world, wish)
    user, cabin, people = str(wish["user_id"]), str(wish.get("cabin")), len(wish.get("passengers") or ())
    flights = wish.get("flights") or ()
    methods = [str(payment.get("payment_id")) for payment in wish.get("payment_methods") or ()]
    return {
        "wish.passengers": people,
        "wish.same_journey": same_journey(world, wish, flights),
        "wish.bookable": bookable(world, flights, cabin, people),
        **bags_facts(world, user, cabin, people, wish),
        **payment_facts(world, user, methods),
    }


def _gesture(world: World, pack: PolicyPack, call: Call) -> Facts:
    """A certificate names no journey: it is for the one of the customer that earns it, if any does."""
    wish = call.arguments.given()
    value: Facts = {"goodwill.value": int(wish.get("amount", 0)) * 100, "booking.currency": "USD"}
    journeys = [world.reservations[name] for name in user_of(world, wish)["reservations"] if name in world.reservations]
    choices = [{**reservation_facts(world, journey), **value} for journey in journeys]
    allowed = (c for c in choices if pack.decide("issue_goodwill", c, now=call.turn.now).effect == "allow")
    return next(allowed, choices[0] if choices else value)


_FACTS: Mapping[str, Callable[[World, PolicyPack, Call], Facts]] = {
    "cancel_reservation": _cancelling,
    "update_reservation_flights": _changing_flights,
    "update_reservation_baggages": _changing_bags,
    "update_reservation_passengers": _changing_passengers,
    "book_reservation": _booking,
    "send_certificate": _gesture,
}
