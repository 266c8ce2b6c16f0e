"""The central notification platform: approved templates only. What it sends ends in an outbox."""

import secrets
from collections.abc import Mapping
from string import Formatter
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from tools.domain.records import Channel, NotificationReceipt, Profile
from tools.sandbox.contract import (
    Airline,
    AirlineNow,
    Asked,
    Body,
    Caller,
    Incoming,
    Items,
    list_response,
    value_answer,
    values_response,
)
from tools.sandbox.held import BOOKINGS, NOTICES, PROFILES, Notice
from tools.sandbox.problems import invalid, missing, rejected
from tools.sandbox.store import Answer
from tools.sandbox.templates import TEMPLATES, Template

router = APIRouter(prefix="/notification/v1", tags=["notification"])
outbox_router = APIRouter(prefix="/notification/v1/sandbox", tags=["sandbox"])


class NewCode(Body):
    address: Annotated[str, Field(min_length=3, max_length=200)]
    channel: Channel
    code: Annotated[str, Field(pattern=r"^\d{6}$")]


class NewNotification(Body):
    """To a customer, at their address of that channel; or, from staff and systems, to an address."""

    customer_id: str | None = None
    address: str | None = None
    template: str
    channel: Channel
    parameters: dict[str, Annotated[str, Field(max_length=500)]] = Field(default_factory=dict)


@router.get("/templates", response_model=Items[Template])
async def list_templates(airline: AirlineNow, asked: Asked) -> Response:
    return values_response(TEMPLATES.values())


@router.post("/codes", response_model=NotificationReceipt, status_code=201)
async def send_code(body: NewCode, airline: AirlineNow, asked: Asked) -> Response:
    """A one-time code, to an address on the caller's own record or booking only."""
    return airline.write(asked, body, lambda: _send_code(airline, asked, body))


@router.post("/notifications", response_model=NotificationReceipt, status_code=201)
async def send_notification(body: NewNotification, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _send(airline, asked, body))


@outbox_router.get("/outbox", response_model=Items[Notice])
async def outbox(airline: AirlineNow, address: str | None = None) -> Response:
    """What was delivered, newest first. Only the sandbox has this."""
    found = airline.store.find(NOTICES, f"address:{address}") if address else airline.store.all(NOTICES)
    return list_response(NOTICES, sorted(found, key=lambda notice: notice.sent_at, reverse=True))


def mask(address: str) -> str:
    """a•••@example.com, +43 ••• 17."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}" if at else f"{address[:3]} ••• {address[-2:]}"


def _send_code(airline: Airline, asked: Incoming, body: NewCode) -> Answer:
    if not asked.caller.is_staff and body.address not in _addresses(airline, asked.caller):
        raise missing()
    return _deliver(airline, body.address, body.channel, "one_time_code", {"code": body.code})


def _send(airline: Airline, asked: Incoming, body: NewNotification) -> Answer:
    if body.address is not None and body.customer_id is None:
        asked.caller.must_be_staff()
        return _deliver(airline, body.address, body.channel, body.template, body.parameters)
    profile = airline.store.get(PROFILES, body.customer_id or "")
    if profile is None or not airline.acts_for(asked.caller, profile.customer_id):
        raise missing()
    address = profile.email if body.channel == "email" else profile.phone
    if address is None:
        raise rejected("no-address", f"The customer has no address for {body.channel}.")
    return _deliver(airline, address, body.channel, body.template, body.parameters)


def _addresses(airline: Airline, caller: Caller) -> set[str | None]:
    """Every address on file for the caller: of their bookings and of those bookings' people."""
    found: set[str | None] = set()
    people = {caller.subject}
    for booking in airline.store.find(BOOKINGS, caller.subject):
        found |= {booking.contact.email, booking.contact.phone}
        people.add(f"customer:{booking.booker_id}")
    profiles: list[Profile] = [profile for person in people for profile in airline.store.find(PROFILES, person)]
    return found | {address for profile in profiles for address in (profile.email, profile.phone)}


def _deliver(airline: Airline, address: str, channel: Channel, name: str, parameters: Mapping[str, str]) -> Answer:
    template = TEMPLATES.get(name)
    if template is None or channel not in template.channels:
        raise rejected("not-approved", f"No approved template {name} for {channel}.")
    notice = Notice(
        notification_id=f"NT{secrets.token_hex(6)}",
        template=name,
        channel=channel,
        address=address,
        text=_filled(template, parameters),
        parameters=parameters,
        sent_at=airline.now(),
    )
    airline.store.put(NOTICES, notice)
    receipt = NotificationReceipt(
        notification_id=notice.notification_id,
        template=name,
        channel=channel,
        masked_address=mask(address),
        sent_at=notice.sent_at,
    )
    return value_answer(receipt, status=201)


def _filled(template: Template, parameters: Mapping[str, str]) -> str:
    """The text with each parameter in its place; braces in a value stay as they are."""
    wanted = {name for _, name, _, _ in Formatter().parse(template.text) if name}
    if wanted != set(parameters):
        raise invalid(f"Template {template.name} takes exactly: {', '.join(sorted(wanted)) or 'nothing'}.")
    return template.text.format(**parameters)
