"""The sandbox's own page: who the demo people are, how their journeys stand, and what was sent to them."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request, Response

from tools.domain.money import format_minor
from tools.domain.records import Booking, Segment
from tools.sandbox.contract import Airline, AirlineNow, list_response
from tools.sandbox.flights import operated, presented
from tools.sandbox.held import BOOKINGS, FLIGHTS, NOTICES, Notice
from tools.sandbox.operations import Disruption, upset
from tools.sandbox.people import DemoPerson, demo_people
from tools.sandbox.problems import missing
from tools.sandbox.timetable import live

router = APIRouter(include_in_schema=False)

_WEB = Path(__file__).parent / "web"
_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'"
_TYPES = {"sandbox.css": "text/css", "sandbox.js": "text/javascript"}
_NOTICES_SHOWN = 30


@router.get("/")
async def show_page(airline: AirlineNow) -> Response:
    page = Template((_WEB / "sandbox.html").read_text(encoding="utf-8"))
    people = demo_people()
    html = page.substitute(
        people="".join(_card(airline, person) for person in people if person.role == "customer"),
        staff="".join(_staff(person) for person in people if person.role != "customer"),
        notices="".join(_notices(airline)) or "<p class='empty'>Nothing has been sent yet.</p>",
        now=f"{airline.now():%A, %d %B %Y, %H:%M} UTC",
    )
    return Response(html, headers={"Content-Security-Policy": _POLICY}, media_type="text/html")


@router.get("/sandbox/{name}")
async def show_file(name: str) -> Response:
    if name not in _TYPES:
        raise missing()
    return Response((_WEB / name).read_bytes(), media_type=_TYPES[name])


@router.post("/sandbox/disruptions")
async def make_disruption(body: Disruption, airline: AirlineNow, request: Request) -> Response:
    """Delays or cancels a flight from now on, as operations control would, and tells whoever listens."""
    flight = upset(airline, body, airline.now())
    if flight is None:
        raise missing()
    if announce := getattr(request.app.state, "announce", None):
        await announce(*body.told())
    return list_response(FLIGHTS, [live(flight, airline.now())])


def _card(airline: Airline, person: DemoPerson) -> str:
    bookings = airline.store.find(BOOKINGS, person.subject)
    shown = "".join(_booking(airline, presented(airline.store, booking, airline.now())) for booking in bookings)
    return (
        f"<article><header><h3>{escape(person.name)}</h3><code>{escape(person.id)}</code></header>"
        f"<p>{escape(person.story)}</p>{shown}</article>"
    )


def _booking(airline: Airline, booking: Booking) -> str:
    price = format_minor(booking.total_paid_minor, booking.currency)
    legs = "".join(_leg(airline, segment) for segment in booking.segments)
    return (
        f"<section><p class='pnr'><code>{booking.record_locator}</code> {booking.fare.family}, {price}"
        f" <span class='chip {booking.status}'>{booking.status}</span></p><ul>{legs}</ul></section>"
    )


def _leg(airline: Airline, segment: Segment) -> str:
    flight = operated(airline.store, segment.flight_number, segment.flight_date)
    state = live(flight, airline.now()).state if flight else segment.status
    button = (
        f"<button data-flight='{segment.flight_number}' data-date='{segment.flight_date}'>Disrupt</button>"
        if state in ("scheduled", "delayed") and segment.status == "confirmed"
        else ""
    )
    return (
        f"<li><span>{segment.flight_number} {segment.origin}–{segment.destination}</span>"
        f"<time>{segment.departs_at:%d %b %H:%M}</time><span class='chip {state}'>{state}</span>{button}</li>"
    )


def _staff(person: DemoPerson) -> str:
    return (
        f"<li><strong>{escape(person.name)}</strong>, {person.role} <code>{escape(person.id)}</code>: "
        f"{escape(person.story)}</li>"
    )


def _notices(airline: Airline) -> Iterator[str]:
    found: list[Notice] = sorted(airline.store.all(NOTICES), key=lambda notice: notice.sent_at, reverse=True)
    for notice in found[:_NOTICES_SHOWN]:
        yield (
            f"<article class='notice'><header><strong>{escape(notice.address)}</strong>"
            f"<span>{notice.channel}, {notice.sent_at:%H:%M:%S}</span></header><p>{escape(notice.text)}</p></article>"
        )
