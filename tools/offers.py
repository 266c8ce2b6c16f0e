"""Extras a customer might like. Personal only with their consent, each with the reason it is offered."""

from typing import ClassVar

from tools.consent import is_open
from tools.domain.ids import RecordLocator
from tools.domain.money import format_minor
from tools.domain.outcomes import Done, Outcome
from tools.domain.records import AncillaryOffer, Booking, Profile
from tools.ports import Services
from tools.tool import Arguments, Call, Provenance, Tool

MOST = 3
_STOP = "These are personal recommendations; say 'stop personal recommendations' and I will make none."
_GENERAL = "These go to everybody on this flight; I make personal recommendations only if you agree to them."


class OfferQuery(Arguments):
    record_locator: RecordLocator | None = None
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "record"}


class Offers:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def recommend(self, call: Call) -> Outcome:
        customer = call.turn.speaker.customer_id
        wanted: OfferQuery = call.arguments
        bookings = await self._services.booking.list_for(customer) if customer else ()
        booking = _meant(bookings, wanted.record_locator)
        if customer is None or booking is None:
            return Done(say="You have no journey ahead that I could recommend something for.", data={"offers": []})
        subject = call.turn.subject_for(booking.record_locator)
        offers = await self._services.booking.ancillary_offers(booking.record_locator, subject=subject)
        consents = await self._services.consent.list_for(customer)
        personal = is_open(consents, "personalisation", None)
        profile = await self._services.profile.get(customer) if personal else None
        chosen = _choose(offers, booking, profile)
        if not chosen:
            return Done(say="There is nothing to add to this journey.", data={"offers": []})
        lines = [f"- {o.description}, {format_minor(o.price_minor, o.currency)}: {reason}" for o, reason in chosen]
        say = f"For booking {booking.record_locator}:\n" + "\n".join(lines) + "\n" + (_STOP if personal else _GENERAL)
        return Done(say=say, data={"record_locator": booking.record_locator, "offers": [o.code for o, _ in chosen]})


def offer_tools(services: Services) -> tuple[Tool, ...]:
    return (
        Tool(
            name="recommend_offers",
            description=(
                "Recommends extras for the signed-in customer's next journey: seat, bag, lounge, meal. Personal only "
                "with their consent. Use it when they ask what else they could add. "
                "Example: record_locator 'K7XQ2P' (optional)."
            ),
            arguments=OfferQuery,
            kind="read",
            least="authenticated",
            read=Offers(services).recommend,
        ),
    )


def _meant(bookings: tuple[Booking, ...], locator: str | None) -> Booking | None:
    ahead = [b for b in bookings if b.status == "confirmed" and any(s.status == "confirmed" for s in b.segments)]
    return next((b for b in ahead if locator in (None, b.record_locator)), None)


def _choose(
    offers: tuple[AncillaryOffer, ...], booking: Booking, profile: Profile | None
) -> list[tuple[AncillaryOffer, str]]:
    """One of a kind, what is not in the booking yet, in an order that the profile may change."""
    have = {extra.kind for extra in booking.ancillaries}
    first: dict[str, AncillaryOffer] = {}
    for offer in offers:
        if offer.kind not in have and offer.kind != "assistance":
            first.setdefault(offer.kind, offer)
    frequent = profile is not None and profile.tier != "none"
    order = ["lounge", "seat", "bag", "meal"] if frequent else ["bag", "seat", "meal", "lounge"]
    reason = f"for a {profile.tier} member" if profile is not None and frequent else "not in your booking yet"
    return [(first[kind], reason) for kind in order if kind in first][:MOST]
