"""What events say of consents, contacts and merged customers, applied in bulk to our own database in their order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from agent.events.consents import UNHEARD, ConsentState, joined, stated, stricter
from agent.events.planning import ReadEvent, effects_of, follow_merge, push_consent, record_of
from agent.events.schemas import ConsentChanged, ProfileChanged, ProfileMerged, happened_at
from agent.store.consent_register import (
    ConsentKey,
    keep_consents,
    keep_contact_changes,
    keep_merges,
    known_consents,
    survivors,
)
from agent.store.effects import NewEffect, add_effects
from tools.audit import AuditRecord
from tools.domain.ids import CustomerId


@dataclass(kw_only=True)
class Page:
    """What one batch changes, put together in memory before it is written."""

    consent_source: str
    known: dict[ConsentKey, ConsentState]
    now_called: dict[CustomerId, CustomerId]
    changed: dict[ConsentKey, str] = field(default_factory=dict)
    contacts: dict[CustomerId, datetime] = field(default_factory=dict)
    merged: list[tuple[CustomerId, CustomerId]] = field(default_factory=list)
    effects: list[NewEffect] = field(default_factory=list)
    audit: list[AuditRecord] = field(default_factory=list)

    def turn(self, read: ReadEvent) -> None:
        data = read.data
        if isinstance(data, ConsentChanged):
            outcome = self._consent(read, data)
        elif isinstance(data, ProfileMerged):
            outcome = self._merge(data)
        elif isinstance(data, ProfileChanged):
            outcome = self._profile(read, data)
        else:
            self.effects += effects_of(read)
            outcome = "planned"
        self.audit.append(record_of(read, outcome))

    def _survivor(self, customer: CustomerId) -> CustomerId:
        return self.now_called.get(customer, customer)

    def _consent(self, read: ReadEvent, data: ConsentChanged) -> str:
        customer = self._survivor(data.customer_id)
        key = ConsentKey(customer_id=customer, purpose=data.purpose, channel=data.channel or "")
        before = self.known.get(key, UNHEARD)
        said = stated(granted=data.granted, at=happened_at(data, read.event), received_at=read.received_at)
        after = joined(before, said)
        if after == before:
            return "stale"
        self.known[key] = after
        self.changed[key] = read.event.source
        if read.event.source != self.consent_source:
            self.effects.append(push_consent(customer, key.purpose, key.channel))
        return "applied" if before == UNHEARD or after.granted != before.granted else "noted"

    def _profile(self, read: ReadEvent, data: ProfileChanged) -> str:
        if not data.contact_changed:
            return "noted"
        customer = self._survivor(data.customer_id)
        at = happened_at(data, read.event) or read.received_at
        self.contacts[customer] = max(at, self.contacts.get(customer, at))
        return "applied"

    def _merge(self, data: ProfileMerged) -> str:
        lost, kept = data.merged_id, self._survivor(data.surviving_id)
        if kept == self._survivor(lost):
            return "stale"
        lost = self._survivor(lost)
        self.now_called |= {name: kept for name, called in self.now_called.items() if called == lost}
        self.now_called |= {lost: kept, data.merged_id: kept}
        self.merged.append((lost, kept))
        for key in [key for key in self.known if key.customer_id == lost]:
            follows = ConsentKey(customer_id=kept, purpose=key.purpose, channel=key.channel)
            self.known[follows] = stricter(self.known.pop(key), self.known.get(follows, UNHEARD))
            self.changed[follows] = self.changed.pop(key, "merge")
        self.effects.append(follow_merge(lost, kept))
        return "applied"


class Applying(Protocol):
    """Within the transaction that accepted the events. -> the audit of each, in order."""

    async def __call__(
        self, connection: AsyncConnection, events: Sequence[ReadEvent], *, consent_source: str, now: datetime
    ) -> tuple[AuditRecord, ...]: ...


async def apply(
    connection: AsyncConnection, events: Sequence[ReadEvent], *, consent_source: str, now: datetime
) -> tuple[AuditRecord, ...]:
    named = {customer for read in events for customer in _customers(read)}
    now_called = await survivors(connection, named) if named else {}
    known = await known_consents(connection, named | set(now_called.values())) if named else {}
    page = Page(consent_source=consent_source, known=known, now_called=now_called)
    for read in events:
        page.turn(read)
    await keep_merges(connection, page.merged, now)
    await keep_consents(connection, {key: known[key] for key in page.changed}, page.changed)
    await keep_contact_changes(connection, page.contacts)
    await add_effects(connection, page.effects, now)
    return tuple(page.audit)


def _customers(read: ReadEvent) -> Iterator[CustomerId]:
    data = read.data
    if isinstance(data, ConsentChanged | ProfileChanged):
        yield data.customer_id
    elif isinstance(data, ProfileMerged):
        yield from (data.merged_id, data.surviving_id)
