"""What the event paths know of a person, and its removal. The audit stays: it names nobody."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, Table, cast, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.event_tables import (
    consent_register,
    contact_changes,
    dead_letters,
    effects,
    inbox,
    merges,
    screen_pops,
)
from agent.store.tables import outbox
from tools.domain.ids import CustomerId


async def erase_events(connection: AsyncConnection, customer: CustomerId, also: Sequence[str] = ()) -> int:
    """Every row that names the customer. -> how many. also: what else stands for them: record locators, phone numbers.
    A call is known by whose it was taken for, since its number is kept as the caller's exchange wrote it.

    An effect that is erased may be done again if its event is sent again; there is then nobody left to do it for.
    """
    names = (str(customer), *also)
    popped = await connection.execute(select(screen_pops.c.call_id).where(screen_pops.c.customer_id == customer))
    erased = 0
    for table, where in _rows_of(customer, names, tuple(popped.scalars())):
        erased += (await connection.execute(delete(table).where(where))).rowcount
    letters = await connection.execute(select(dead_letters.c.id, dead_letters.c.body))
    named = [row.id for row in letters if any(name.encode() in row.body for name in names)]
    erased += (await connection.execute(delete(dead_letters).where(dead_letters.c.id.in_(named)))).rowcount
    return erased


def _rows_of(
    customer: CustomerId, names: Sequence[str], calls: Sequence[str]
) -> list[tuple[Table, ColumnElement[bool]]]:
    of_calls = effects.c.key.in_([f"call:{call}" for call in calls])
    named = _mention(names, *(effects.c[name] for name in ("key", "order_key", "body", "plan", "result")))
    return [
        (consent_register, consent_register.c.customer_id == customer),
        (contact_changes, contact_changes.c.customer_id == customer),
        (merges, or_(merges.c.merged_id == customer, merges.c.surviving_id == customer)),
        (screen_pops, screen_pops.c.customer_id == customer),
        (inbox, or_(inbox.c.key.in_(names), _mention(names, inbox.c.event_id))),
        (outbox, or_(outbox.c.key.in_(names), _mention(names, outbox.c.data))),
        (effects, or_(of_calls, named)),
    ]


def _mention(names: Sequence[str], *columns: ColumnElement[object]) -> ColumnElement[bool]:
    return or_(*(cast(column, String).contains(name, autoescape=True) for column in columns for name in names))
