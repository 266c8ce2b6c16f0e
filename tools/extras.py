"""Extras and names of a booking: bags, seats, meals and assistance; correcting how a name is written."""

from typing import ClassVar, Literal

from tools.domain.ids import RecordLocator
from tools.domain.money import format_minor
from tools.domain.outcomes import FactsNeeded, Invalid, Outcome
from tools.domain.records import AncillaryOffer, Booking, Passenger
from tools.ports import Services, Write
from tools.tool import Arguments, Call, Order, Provenance, Resolution, Tool


class Extra(Arguments):
    record_locator: RecordLocator
    kind: Literal["bag", "seat", "meal", "assistance"]
    passenger: str | None = None
    detail: str | None = None
    provenance: ClassVar[dict[str, Provenance]] = {
        "record_locator": "record",
        "kind": "choice",
        "passenger": "quote",
        "detail": "words",
    }


class NameCorrection(Arguments):
    record_locator: RecordLocator
    passenger: str
    corrected_name: str
    reason: Literal["typing_error", "legal_change", "other_person"] = "typing_error"
    provenance: ClassVar[dict[str, Provenance]] = {
        "record_locator": "record",
        "passenger": "quote",
        "corrected_name": "words",
        "reason": "choice",
    }


class Extras:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def resolve_extra(self, call: Call) -> Resolution | Outcome:
        wish: Extra = call.arguments
        booking = call.the_booking()
        passenger = passenger_meant(booking, wish.passenger)
        if passenger is None:
            return FactsNeeded(facts=("passenger",), say="For which passenger is it?")
        if wish.detail is None and wish.kind != "bag":
            return FactsNeeded(facts=("detail",), say=_ASK_DETAIL[wish.kind])
        subject = call.turn.subject_for(wish.record_locator)
        offers = await self._services.booking.ancillary_offers(wish.record_locator, subject=subject)
        offer = _offer_meant(offers, wish)
        if offer is None:
            return _not_offered(offers, wish)
        segment = next((leg for leg in booking.segments if leg.segment_id == offer.segment_id), None)
        details = {
            "code": offer.code,
            "passenger": passenger.passenger_id,
            "segment": offer.segment_id,
            "detail": (wish.detail or "") if wish.kind == "seat" else "",
            "offer": offer.description,
            "flight": segment.flight_number if segment else "",
        }
        facts = {
            "extra.kind": offer.kind,
            "extra.price": offer.price_minor,
            "extra.code": offer.code,
        }
        if segment is not None:
            facts_in_time = {"assistance.notice": segment.departs_at - call.turn.now}
            return Resolution(details=details, facts={**facts, **facts_in_time}, segment=segment)
        return Resolution(details=details, facts=facts)

    async def add(self, order: Order, write: Write) -> str:
        booking = await self._services.booking.add_ancillary(
            order.arguments.record_locator,
            code=order.details["code"],
            passenger_id=order.details["passenger"],
            segment_id=order.details["segment"],
            price_minor=order.amounts.get("price", 0),
            detail=order.details["detail"],
            write=write,
        )
        return booking.version

    async def resolve_name(self, call: Call) -> Resolution | Outcome:
        wish: NameCorrection = call.arguments
        passenger = passenger_meant(call.the_booking(), wish.passenger)
        if passenger is None:
            return FactsNeeded(facts=("passenger",), say="Which passenger's name is it?")
        given, surname = _corrected(passenger, wish.corrected_name)
        changed = distance(passenger.given_name, given) + distance(passenger.surname, surname)
        details = {"passenger": passenger.passenger_id, "given_name": given, "surname": surname}
        return Resolution(details=details, facts={"name.letters_changed": changed, "name.reason": wish.reason})

    async def correct(self, order: Order, write: Write) -> str:
        booking = await self._services.booking.correct_name(
            order.arguments.record_locator,
            order.details["passenger"],
            given_name=order.details["given_name"],
            surname=order.details["surname"],
            fee_minor=order.amounts.get("fee", 0),
            write=write,
        )
        return booking.version


def extra_tools(services: Services) -> tuple[Tool, ...]:
    extras = Extras(services)
    return (
        Tool(
            name="add_ancillary",
            description=(
                "Proposes an extra for the next flight of a booking: a bag, a seat, a meal or assistance. detail is "
                "the seat ('22F'), the meal or the need as the person said it. "
                "Example: record_locator 'K7XQ2P', kind 'seat', detail '22F'."
            ),
            arguments=Extra,
            kind="write",
            least="verified",
            about_booking=True,
            action="add_ancillary",
            resolve=extras.resolve_extra,
            summary=_extra_summary,
            receipt=_extra_receipt,
            steps=(extras.add,),
        ),
        Tool(
            name="correct_name",
            description=(
                "Proposes to correct how a passenger's name is written. passenger is the name as the person says it "
                "stands now; corrected_name is how it should be. Not for giving the ticket to someone else. "
                "Example: record_locator 'K7XQ2P', passenger 'Jon Smith', corrected_name 'John Smith'."
            ),
            arguments=NameCorrection,
            kind="write",
            least="verified",
            about_booking=True,
            action="correct_name",
            resolve=extras.resolve_name,
            summary=lambda call: f"Correct the name to {_full(call)} in booking {call.the_booking().record_locator}",
            receipt=lambda call: f"The name in booking {call.the_booking().record_locator} is now {_full(call)}.",
            phrase=lambda call: f"correct {call.the_booking().record_locator}",
            steps=(extras.correct,),
        ),
    )


def passenger_meant(booking: Booking, name: str | None) -> Passenger | None:
    """The passenger a name points at, by given name or surname; without a name, the only one who is no infant."""
    if name is None:
        seated = [p for p in booking.passengers if p.type != "infant"]
        return seated[0] if len(seated) == 1 else None
    wanted = set(name.casefold().split())
    scored = [(len(wanted & _name_words(p)), p) for p in booking.passengers]
    best = max(scored, key=lambda pair: pair[0])
    same = [p for score, p in scored if score == best[0]]
    if best[0] and len(same) == 1:
        return same[0]
    return booking.passengers[0] if len(booking.passengers) == 1 else None


def distance(one: str, other: str) -> int:
    """Letters to change, add or leave out (Levenshtein), case ignored."""
    one, other = one.casefold(), other.casefold()
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        last, row[0] = row[0], place
        for at, wanted in enumerate(other, start=1):
            last, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, last + (letter != wanted))
    return row[-1]


def _name_words(passenger: Passenger) -> set[str]:
    return set(f"{passenger.given_name} {passenger.surname}".casefold().split())


def _corrected(passenger: Passenger, name: str) -> tuple[str, str]:
    """Given name and surname as they should be; a single word replaces the one it is nearer to."""
    words = name.split()
    if len(words) > 1:
        return " ".join(words[:-1]), words[-1]
    nearer_to_surname = distance(name, passenger.surname) <= distance(name, passenger.given_name)
    return (passenger.given_name, name) if nearer_to_surname else (name, passenger.surname)


def _offer_meant(offers: tuple[AncillaryOffer, ...], wish: Extra) -> AncillaryOffer | None:
    same_kind = [offer for offer in offers if offer.kind == wish.kind]
    if wish.kind in ("bag", "seat") or wish.detail is None:
        return next(iter(same_kind), None)
    wanted = wish.detail.casefold()
    return next((o for o in same_kind if wanted in (o.code.casefold(), o.description.casefold())), None)


def _not_offered(offers: tuple[AncillaryOffer, ...], wish: Extra) -> Outcome:
    others = list(dict.fromkeys(offer.description for offer in offers if offer.kind == wish.kind))
    say = "That cannot be added to this booking's flights."
    if not others:
        return Invalid(say=say)
    return FactsNeeded(facts=("detail",), say=f"{say} What can be: {', '.join(others)}. Which would you like?")


def _extra_summary(call: Call) -> str:
    details = call.resolution.details
    seat = f" {details['detail']}" if details["detail"] else ""
    return f"Add {details['offer']}{seat} on flight {details['flight']} to booking {call.the_booking().record_locator}"


def _extra_receipt(call: Call) -> str:
    price = next((a for a in call.the_decision().amounts if a.name == "price"), None)
    paid = f" {format_minor(price.minor, price.currency)} is charged." if price and price.minor else ""
    return f"{call.resolution.details['offer']} is added to booking {call.the_booking().record_locator}.{paid}"


def _full(call: Call) -> str:
    return f"{call.resolution.details['given_name']} {call.resolution.details['surname']}"


_ASK_DETAIL = {
    "seat": "Which seat would you like, for example 22F?",
    "meal": "Which meal would you like, for example vegetarian?",
    "assistance": "What assistance do you need, for example a wheelchair?",
}
