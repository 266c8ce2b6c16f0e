"""What each event has us do, before anything is done. Pure: an event in, effects and audit out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.events.cloudevents import CloudEvent
from agent.events.schemas import (
    BaggageMishandled,
    FlightCancelled,
    FlightDelayed,
    IvrCallStarted,
    Known,
)
from agent.store.effects import NewEffect
from tools.audit import AuditRecord, hash_arguments
from tools.domain.ids import CustomerId

CANCELLED = 1_000_000
"""How bad a cancellation is, in minutes of delay: worse than any delay."""


@dataclass(frozen=True, kw_only=True)
class ReadEvent:
    event: CloudEvent
    data: Known
    received_at: datetime


def effects_of(read: ReadEvent) -> tuple[NewEffect, ...]:
    """The work that an event starts on its own; consents, profiles and merges are applied, not planned."""
    data = read.data
    if isinstance(data, FlightCancelled | FlightDelayed):
        return (_disruption(read, data),)
    if isinstance(data, BaggageMishandled):
        return (_mishandled_bag(data),)
    if isinstance(data, IvrCallStarted):
        body = data.model_dump(mode="json")
        return (NewEffect(key=f"call:{data.call_id}", kind="pop", order_key=f"call:{data.agent}", body=body),)
    return ()


def _disruption(read: ReadEvent, data: FlightCancelled | FlightDelayed) -> NewEffect:
    """Everybody on the flight is looked up once an event; what each of them gets has keys of its own."""
    announced = data.announced_at or read.event.time or read.received_at
    body = {
        **data.model_dump(mode="json", exclude_none=True),
        "event": data.event_type,
        "announced_at": announced.isoformat(),
    }
    return NewEffect(
        key=f"flight:{hash_arguments({'source': read.event.source, 'id': read.event.id})[:40]}",
        kind="disruption",
        order_key=f"flight:{data.key}",
        body=body,
    )


def _mishandled_bag(data: BaggageMishandled) -> NewEffect:
    place = f"{data.record_locator}/{data.passenger_id}"
    day = data.flight_date.isoformat() if data.flight_date else "-"
    return NewEffect(
        key=f"case:bag:{place}:{day}:{data.bag_tag or '-'}",
        kind="case",
        order_key=place,
        body={"event": data.event_type, "baggage": data.kind, **data.model_dump(mode="json", exclude_none=True)},
    )


def push_consent(customer: CustomerId, purpose: str, channel: str) -> NewEffect:
    """Tells the consent service what another system said."""
    body = {"customer_id": customer, "purpose": purpose, "channel": channel or None}
    key = f"consent:{customer}:{purpose}:{channel or '-'}"
    return NewEffect(key=key, kind="consent", order_key=f"customer:{customer}", body=body, again="always")


def follow_merge(merged: CustomerId, surviving: CustomerId) -> NewEffect:
    """Moves what the services hold of the merged customer."""
    body = {"merged_id": merged, "surviving_id": surviving}
    return NewEffect(key=f"merge:{merged}:{surviving}", kind="merge", order_key=f"customer:{surviving}", body=body)


def record_of(read: ReadEvent, outcome: str, facts: Mapping[str, str] | None = None) -> AuditRecord:
    event = read.event
    said = {"source": event.source, "id": event.id, "data": dict(event.data)}
    return AuditRecord(
        kind="event",
        tool=event.type,
        outcome=outcome,
        arguments_hash=hash_arguments(said),
        facts={"source": event.source, **(facts or {})},
    )
