"""The promises of the reads. None of them changes anything."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from tools.clients.conformance.probe import Check, Probe, Promise, alike, answered, expect, fits, refused
from tools.clients.shapes import (
    BOOKING,
    CASE,
    CHANGE_QUOTE,
    CLAIM,
    CONSENT,
    FARE_QUOTE,
    FLIGHT,
    METHOD,
    OFFER,
    PROFILE,
    REFUND,
    Items,
)
from tools.domain.records import Booking

NOBODY, NOWHERE = "C999999", "ZZ99ZZ"
BOOKINGS, LOOKUP = "/booking/v1/bookings", "/booking/v1/bookings/lookup"


def reads() -> Iterator[Promise]:
    yield from _booking()
    yield from _flights()
    yield from _records()
    for service, path, owner in _OWNED:
        yield Promise(service=service, text=f"keeps others out of {owner}", check=_keeps_out(path))
    for service, path, _ in _OWNED:
        yield Promise(service=service, text="asks for the client's token (401)", check=_asks_token(path))
        yield Promise(service=service, text="asks whom a request is for (400)", check=_asks_subject(path))


_OWNED = (
    ("booking", BOOKINGS + "?customer_id={}", "a customer's bookings"),
    ("profile", "/profile/v1/profiles/{}", "a profile"),
    ("consent", "/consent/v1/customers/{}/consents", "a customer's consents"),
    ("case", "/case/v1/cases?customer_id={}", "a customer's cases"),
    ("compensation", "/compensation/v1/claims?customer_id={}", "a customer's claims"),
    ("payment", "/payment/v1/customers/{}/methods", "a customer's methods of payment"),
)


def _booking() -> Iterator[Promise]:
    def promise(text: str, check: Check) -> Promise:
        return Promise(service="booking", text=text, check=check)

    yield promise("shows a booking that fits the contract", _shows_booking)
    yield promise("gives the version also as ETag", _gives_etag)
    yield promise("makes total_paid_minor the sum of its parts", _adds_up)
    yield promise("lists the customer's bookings", _lists_bookings)
    yield promise("finds a booking by locator and surname, case ignored", _finds_by_surname)
    yield promise("answers a wrong surname like an unknown locator", _hides_locators)
    yield promise("shows somebody else's booking like a missing one", _hides_bookings)
    yield promise("lets proof of one booking open no other", _confines_proof)
    yield promise("lets staff and systems read every booking", _serves_staff)
    yield promise("names what can still be bought", _offers_extras)


def _flights() -> Iterator[Promise]:
    def promise(text: str, check: Check) -> Promise:
        return Promise(service="booking", text=text, check=check)

    yield promise("shows the operation of a flight", _shows_flight)
    yield promise("finds the flights of a day between two airports", _finds_flights)
    yield promise("answers an unknown flight with an empty list", _knows_no_such_flight)
    yield promise("quotes a fare whose parts add up", _quotes_fare)
    yield promise("quotes the difference of a change", _quotes_change)


def _records() -> Iterator[Promise]:
    yield Promise(service="profile", text="shows a profile that fits the contract", check=_shows_profile)
    yield Promise(service="profile", text="finds a profile by phone, for staff only", check=_finds_by_phone)
    yield Promise(service="consent", text="lists consents that fit the contract", check=_lists_consents)
    yield Promise(service="case", text="shows the queue in its order, for staff only", check=_shows_queue)
    yield Promise(service="compensation", text="lists claims that fit the contract", check=_lists_claims)
    yield Promise(service="payment", text="lists methods by token and label", check=_lists_methods)
    yield Promise(service="payment", text="lists a booking's refunds", check=_lists_refunds)
    yield Promise(service="notification", text="lists its approved templates", check=_lists_templates)


async def known_booking(probe: Probe) -> Booking:
    booking = fits(BOOKING.one, await probe.get(f"{BOOKINGS}/{probe.known.locator}", probe.known.subject))
    expect(bool(booking.segments), "the known booking has no segments")
    return booking


async def _shows_booking(probe: Probe) -> None:
    booking = await known_booking(probe)
    expect(booking.record_locator == probe.known.locator, "another booking than the one asked for")


async def _gives_etag(probe: Probe) -> None:
    response = await probe.get(f"{BOOKINGS}/{probe.known.locator}")
    booking = fits(BOOKING.one, response)
    etag = response.headers.get("ETag")
    expect(etag is not None, "no ETag")
    expect(etag == f'"{booking.version}"', "the ETag is not the version in the body")


async def _adds_up(probe: Probe) -> None:
    booking = await known_booking(probe)
    parts = sum(segment.fare_minor + segment.taxes_minor for segment in booking.segments)
    parts += sum(ancillary.price_minor for ancillary in booking.ancillaries) + booking.fees_minor
    expect(parts == booking.total_paid_minor, f"{parts} in parts, {booking.total_paid_minor} in total")


async def _lists_bookings(probe: Probe) -> None:
    response = await probe.get(BOOKINGS, probe.known.subject, {"customer_id": probe.known.customer})
    found = fits(BOOKING.many, response).items
    expect(any(b.record_locator == probe.known.locator for b in found), "the known booking is not in the list")


async def _finds_by_surname(probe: Probe) -> None:
    proof = {"record_locator": probe.known.locator, "surname": probe.known.surname.upper()}
    fits(BOOKING.one, await probe.send("POST", LOOKUP, proof, key=""))


async def _hides_locators(probe: Probe) -> None:
    right, wrong = {"record_locator": probe.known.locator}, {"surname": "Nobodyknows"}
    alike(
        await probe.send("POST", LOOKUP, right | wrong, key=""),
        await probe.send("POST", LOOKUP, {"record_locator": NOWHERE} | wrong, key=""),
    )


async def _hides_bookings(probe: Probe) -> None:
    alike(
        await probe.get(f"{BOOKINGS}/{probe.known.other_locator}", probe.known.subject),
        await probe.get(f"{BOOKINGS}/{NOWHERE}", probe.known.subject),
    )


async def _confines_proof(probe: Probe) -> None:
    proof = f"booking:{probe.known.locator}"
    answered(await probe.get(f"{BOOKINGS}/{probe.known.locator}", proof), 200)
    refused(await probe.get(f"{BOOKINGS}/{probe.known.other_locator}", proof), 404)
    refused(await probe.get(f"/profile/v1/profiles/{probe.known.customer}", proof), 404)


async def _serves_staff(probe: Probe) -> None:
    for subject in ("staff:bindings-check", "system"):
        fits(BOOKING.one, await probe.get(f"{BOOKINGS}/{probe.known.other_locator}", subject))


async def _offers_extras(probe: Probe) -> None:
    response = await probe.get(f"{BOOKINGS}/{probe.known.locator}/ancillary-offers", probe.known.subject)
    expect(bool(fits(OFFER.many, response).items), "nothing is on offer for a booking still to be flown")


async def _shows_flight(probe: Probe) -> None:
    segment = (await known_booking(probe)).segments[0]
    params = {"flight_date": segment.flight_date.isoformat()}
    found = fits(FLIGHT.many, await probe.get(f"/booking/v1/flights/{segment.flight_number}", params=params)).items
    named = [(flight.flight_number, flight.flight_date) for flight in found]
    expect(named == [(segment.flight_number, segment.flight_date)], "not exactly the flight and day asked for")
    nearest = fits(FLIGHT.many, await probe.get(f"/booking/v1/flights/{segment.flight_number}")).items
    expect(len(nearest) == 1, f"without a day there are {len(nearest)} flights, not the nearest one")


async def _finds_flights(probe: Probe) -> None:
    segment = (await known_booking(probe)).segments[0]
    params = {
        "origin": segment.origin,
        "destination": segment.destination,
        "flight_date": segment.flight_date.isoformat(),
    }
    found = fits(FLIGHT.many, await probe.get("/booking/v1/flights", params=params)).items
    expect(segment.flight_number in {flight.flight_number for flight in found}, "the booked flight is not among them")


async def _knows_no_such_flight(probe: Probe) -> None:
    params = {"flight_date": (await known_booking(probe)).segments[0].flight_date.isoformat()}
    found = fits(FLIGHT.many, await probe.get("/booking/v1/flights/ZZ9999", params=params)).items
    expect(not found, "there are operations of a flight that does not exist")


async def _quotes_fare(probe: Probe) -> None:
    segment = (await known_booking(probe)).segments[0]
    flight = {"flight_number": segment.flight_number, "flight_date": segment.flight_date.isoformat()}
    question = {"flights": [flight], "passengers": ["adult"], "family": "classic", "cabin": "economy"}
    quote = fits(FARE_QUOTE.one, await probe.send("POST", "/booking/v1/fare-quotes", question, key=""))
    expect(quote.fare_minor + quote.taxes_minor == quote.total_minor, "fare and taxes are not the total")


async def _quotes_change(probe: Probe) -> None:
    segment = (await known_booking(probe)).segments[0]
    later = (segment.flight_date + timedelta(days=1)).isoformat()
    path = f"{BOOKINGS}/{probe.known.locator}/segments/{segment.segment_id}/change-quote"
    params = {"flight_number": segment.flight_number, "flight_date": later}
    quote = fits(CHANGE_QUOTE.one, await probe.get(path, probe.known.subject, params))
    expect(quote.fare_difference_minor >= 0, "a cheaper flight gives money back")


async def _shows_profile(probe: Probe) -> None:
    response = await probe.get(f"/profile/v1/profiles/{probe.known.customer}", probe.known.subject)
    profile = fits(PROFILE.one, response)
    expect(response.headers.get("ETag") == f'"{profile.version}"', "the ETag is not the version in the body")


async def _finds_by_phone(probe: Probe) -> None:
    profile = fits(PROFILE.one, await probe.get(f"/profile/v1/profiles/{probe.known.customer}"))
    params = {"phone": profile.phone or "+10000000000"}
    found = fits(PROFILE.many, await probe.get("/profile/v1/profiles", params=params)).items
    expect(profile.phone is None or profile in found, "the known customer's number does not find them")
    refused(await probe.get("/profile/v1/profiles", probe.known.subject, params), 403)


async def _lists_consents(probe: Probe) -> None:
    path = f"/consent/v1/customers/{probe.known.customer}/consents"
    found = fits(CONSENT.many, await probe.get(path, probe.known.subject)).items
    expect(all(c.customer_id == probe.known.customer for c in found), "a consent of another customer is listed")


async def _shows_queue(probe: Probe) -> None:
    queue = fits(CASE.many, await probe.get("/case/v1/cases", params={"status": "queued"})).items
    places = [case.position for case in queue]
    expect(places == list(range(1, len(places) + 1)), "the places are not 1, 2, 3 in order")
    refused(await probe.get("/case/v1/cases", probe.known.subject, {"status": "queued"}), 403)


async def _lists_claims(probe: Probe) -> None:
    for named in ({"customer_id": str(probe.known.customer)}, {"record_locator": str(probe.known.locator)}):
        fits(CLAIM.many, await probe.get("/compensation/v1/claims", probe.known.subject, named))


async def _lists_methods(probe: Probe) -> None:
    path = f"/payment/v1/customers/{probe.known.customer}/methods"
    fits(METHOD.many, await probe.get(path, probe.known.subject))


async def _lists_refunds(probe: Probe) -> None:
    path, named = "/payment/v1/refunds", {"record_locator": str(probe.known.locator)}
    fits(REFUND.many, await probe.get(path, probe.known.subject, named))
    refused(await probe.get(path, f"customer:{probe.known.other_customer}", named), 404)


async def _lists_templates(probe: Probe) -> None:
    listed = fits(TypeAdapter(Items[dict[str, object]]), await probe.get("/notification/v1/templates")).items
    expect("one_time_code" in {template.get("name") for template in listed}, "there is no template one_time_code")


def _keeps_out(path: str) -> Check:
    async def check(probe: Probe) -> None:
        answered(await probe.get(path.format(probe.known.customer), probe.known.subject), 200)
        alike(
            await probe.get(path.format(probe.known.other_customer), probe.known.subject),
            await probe.get(path.format(NOBODY), probe.known.subject),
        )

    return check


def _asks_token(path: str) -> Check:
    async def check(probe: Probe) -> None:
        request = probe.http.build_request(
            "GET", path.format(probe.known.customer), headers={"On-Behalf-Of": probe.known.subject}
        )
        request.headers.pop("Authorization", None)
        refused(await probe.http.send(request, auth=None), 401)

    return check


def _asks_subject(path: str) -> Check:
    async def check(probe: Probe) -> None:
        for subject in (None, "nobody"):
            refused(await probe.get(path.format(probe.known.customer), subject), 400)

    return check
