"""What must be kept of an act: the audit chain and the outbox. Always inside somebody's transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.dialect import is_postgres
from agent.store.people import pseudonym_of
from agent.store.tables import audit, conversations, outbox
from tools.audit import AuditRecord, canonical
from tools.domain.outcomes import Event
from tools.tracing import trace_headers

ROOT = "0" * 64
_FOR_UPDATE = select(conversations.c.id).where(conversations.c.id == bindparam("conversation")).with_for_update()
_LAST_LINK = (
    select(audit.c.number, audit.c.digest)
    .where(audit.c.conversation_id == bindparam("conversation"))
    .order_by(audit.c.number.desc())
    .limit(1)
)
_ADD_LINKS = insert(audit)


async def lock_conversation(connection: AsyncConnection, conversation_id: str) -> None:
    """Whoever adds to a conversation does so alone, also from another process. SQLite has one writer anyway."""
    if is_postgres(connection):
        await connection.execute(_FOR_UPDATE, {"conversation": conversation_id})


async def add_audit(
    connection: AsyncConnection, conversation_id: str, records: Sequence[AuditRecord], *, who: str, at: datetime
) -> None:
    """One hash chain a conversation: each record holds the digest of the one before. who: a subject, kept as a
    pseudonym."""
    if not records:
        return
    row = (await connection.execute(_LAST_LINK, {"conversation": conversation_id})).first()
    number, previous = (row.number, row.digest) if row else (0, ROOT)
    pseudonym = await pseudonym_of(connection, who)
    rows = []
    for record in records:
        number += 1
        body = {"who": pseudonym, **asdict(record)}
        digest = chain_digest(conversation_id, previous, number, body, at)
        link = {"conversation_id": conversation_id, "number": number, "previous": previous, "digest": digest}
        rows.append({**link, "body": body, "at": at})
        previous = digest
    await connection.execute(_ADD_LINKS, rows)


def chain_digest(conversation_id: str, previous: str, number: int, body: Mapping[str, object], at: datetime) -> str:
    """SHA-256 over the place, the time and the content of a record, and the digest of the one before."""
    parts = (conversation_id, previous, str(number), at.isoformat(), canonical(body))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def add_event_out(connection: AsyncConnection, event: Event, at: datetime) -> None:
    row = {"key": event.key, "type": event.type, "data": dict(event.data), "created_at": at}
    trace = trace_headers().get("traceparent")
    await connection.execute(insert(outbox).values(**row, traceparent=trace))
