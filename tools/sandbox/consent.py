"""The consent service. No record means no consent."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from tools.domain.ids import CustomerId
from tools.domain.records import Channel, Consent, Purpose
from tools.sandbox.booking import own_customer
from tools.sandbox.contract import Airline, AirlineNow, Asked, Body, Incoming, Items, list_response, record_answer
from tools.sandbox.held import CONSENTS, PROFILES, next_version
from tools.sandbox.problems import rejected
from tools.sandbox.store import Answer

router = APIRouter(prefix="/consent/v1", tags=["consent"])

_BY_CHANNEL: frozenset[Purpose] = frozenset({"marketing", "service_notifications"})


class ConsentChange(Body):
    purpose: Purpose
    channel: Channel | None = None
    granted: bool
    source: Annotated[str, Field(max_length=40)] = "concierge"


@router.get("/customers/{customer_id}/consents", response_model=Items[Consent])
async def list_consents(customer_id: str, airline: AirlineNow, asked: Asked) -> Response:
    return list_response(CONSENTS, airline.store.find(CONSENTS, own_customer(asked.caller, customer_id)))


@router.put("/customers/{customer_id}/consents", response_model=Consent)
async def set_consent(customer_id: str, body: ConsentChange, airline: AirlineNow, asked: Asked) -> Response:
    """Grants or withdraws one purpose on one channel. If-Match is needed once the record exists."""
    return airline.write(asked, body, lambda: _set(airline, asked, CustomerId(customer_id), body))


def _set(airline: Airline, asked: Incoming, customer: CustomerId, body: ConsentChange) -> Answer:
    airline.owned(PROFILES, customer, asked.caller)
    if (body.channel is not None) != (body.purpose in _BY_CHANNEL):
        raise rejected("channel", "marketing and service_notifications are given for a channel, the others for none.")
    fresh = Consent(
        customer_id=customer,
        version=airline.first_version(),
        purpose=body.purpose,
        channel=body.channel,
        granted=body.granted,
        changed_at=airline.now(),
        source=body.source,
    )
    kept = airline.store.get(CONSENTS, CONSENTS.id(fresh))
    if kept is not None:
        asked.check_version(kept.version)
        fresh = replace(fresh, version=next_version(kept.version))
    airline.store.put(CONSENTS, fresh)
    return record_answer(CONSENTS, fresh, version=fresh.version)
