"""What events have said of consents, contact changes and merged customers. Written in bulk, inside the intake's
transaction; every change only ever moves a moment forwards, so two processes cannot undo one another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.events.consents import ConsentState
from agent.store.database import Database
from agent.store.dialect import insert_into, later_of
from agent.store.event_tables import consent_register, contact_changes, merges
from agent.store.tables import conversations
from tools.domain.ids import CustomerId


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentKey:
    """channel: empty for a purpose that has none."""

    customer_id: CustomerId
    purpose: str
    channel: str


class ConsentRegister:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, customer: CustomerId) -> Mapping[ConsentKey, ConsentState]:
        async with self._database.reading() as connection:
            return await known_consents(connection, [customer])

    async def contact_changed_at(self, customer: CustomerId) -> datetime | None:
        """When another system last said that the e-mail address or phone changed."""
        changed = select(contact_changes.c.changed_at).where(contact_changes.c.customer_id == customer)
        async with self._database.reading() as connection:
            return (await connection.execute(changed)).scalar()

    async def survivor_of(self, customer: CustomerId) -> CustomerId:
        async with self._database.reading() as connection:
            return (await survivors(connection, [customer])).get(customer, customer)


async def known_consents(
    connection: AsyncConnection, customers: Iterable[CustomerId]
) -> dict[ConsentKey, ConsentState]:
    """Locked until the transaction ends, where the database locks rows."""
    mine = select(consent_register).where(consent_register.c.customer_id.in_(set(customers)))
    rows = await connection.execute(mine.with_for_update())
    return {
        ConsentKey(customer_id=row.customer_id, purpose=row.purpose, channel=row.channel): ConsentState(
            granted_at=row.granted_at, withdrawn_at=row.withdrawn_at
        )
        for row in rows
    }


async def keep_consents(
    connection: AsyncConnection, states: Mapping[ConsentKey, ConsentState], sources: Mapping[ConsentKey, str]
) -> None:
    if not states:
        return
    rows = [
        {
            "customer_id": key.customer_id,
            "purpose": key.purpose,
            "channel": key.channel,
            "granted_at": state.granted_at,
            "withdrawn_at": state.withdrawn_at,
            "source": sources.get(key, ""),
        }
        for key, state in states.items()
    ]
    new, kept = insert_into(connection, consent_register), consent_register.c
    moved = {
        "granted_at": later_of(connection, kept.granted_at, new.excluded.granted_at),
        "withdrawn_at": later_of(connection, kept.withdrawn_at, new.excluded.withdrawn_at),
        "source": new.excluded.source,
    }
    keys = [kept.customer_id, kept.purpose, kept.channel]
    await connection.execute(new.on_conflict_do_update(index_elements=keys, set_=moved), rows)


async def keep_contact_changes(connection: AsyncConnection, changes: Mapping[CustomerId, datetime]) -> None:
    if not changes:
        return
    rows = [{"customer_id": customer, "changed_at": at} for customer, at in changes.items()]
    new = insert_into(connection, contact_changes)
    later = later_of(connection, contact_changes.c.changed_at, new.excluded.changed_at)
    await connection.execute(
        new.on_conflict_do_update(index_elements=[contact_changes.c.customer_id], set_={"changed_at": later}), rows
    )


async def survivors(connection: AsyncConnection, customers: Iterable[CustomerId]) -> dict[CustomerId, CustomerId]:
    """Who each merged one of them is now, whatever the number of merges between."""
    found: dict[CustomerId, CustomerId] = {}
    asked = {customer: customer for customer in customers}
    while asked:
        known = select(merges.c.merged_id, merges.c.surviving_id).where(merges.c.merged_id.in_(set(asked.values())))
        next_of = {merged: surviving for merged, surviving in await connection.execute(known)}
        asked = {first: next_of[last] for first, last in asked.items() if last in next_of and next_of[last] != first}
        found |= asked
    return found


async def keep_merges(
    connection: AsyncConnection, merged: Sequence[tuple[CustomerId, CustomerId]], at: datetime
) -> None:
    """(merged, surviving): remembers each and moves the merged one's conversations."""
    if not merged:
        return
    rows = [{"merged_id": lost, "surviving_id": kept, "at": at} for lost, kept in merged]
    await connection.execute(insert_into(connection, merges).on_conflict_do_nothing(), rows)
    for lost, kept in merged:
        mine = update(conversations).where(conversations.c.customer_id == lost)
        await connection.execute(mine.values(customer_id=kept))
    gone = [lost for lost, _ in merged]
    await connection.execute(delete(consent_register).where(consent_register.c.customer_id.in_(gone)))
