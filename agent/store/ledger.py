"""What must be kept of an act: the audit chain and the outbox. Always inside somebody's transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.tables import audit, outbox
from tools.audit import AuditRecord, canonical
from tools.domain.outcomes import Event

ROOT = "0" * 64


async def add_audit(
    connection: AsyncConnection, conversation_id: str, records: Sequence[AuditRecord], at: datetime
) -> None:
    """One hash chain a conversation: each record holds the digest of the one before."""
    last = (
        select(audit.c.number, audit.c.digest)
        .where(audit.c.conversation_id == conversation_id)
        .order_by(audit.c.number.desc())
        .limit(1)
    )
    row = (await connection.execute(last)).first()
    number, previous = (row.number, row.digest) if row else (0, ROOT)
    for record in records:
        number += 1
        body = asdict(record)
        digest = chain_digest(previous, number, body, at)
        link = {"conversation_id": conversation_id, "number": number, "previous": previous, "digest": digest}
        await connection.execute(insert(audit).values(**link, body=body, at=at))
        previous = digest


def chain_digest(previous: str, number: int, body: Mapping[str, object], at: datetime) -> str:
    return hashlib.sha256(f"{previous}\n{number}\n{at.isoformat()}\n{canonical(body)}".encode()).hexdigest()


async def add_event_out(connection: AsyncConnection, event: Event, at: datetime) -> None:
    row = {"key": event.key, "type": event.type, "data": dict(event.data), "created_at": at}
    await connection.execute(insert(outbox).values(**row))
