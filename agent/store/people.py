"""Pseudonyms: an HMAC under a key of the person's own. Erasing the key leaves the audit true and the person unnamed."""

import hashlib
import hmac
import secrets

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.store.dialect import insert_into
from agent.store.tables import person_keys

_KEY = select(person_keys.c.key).where(person_keys.c.subject_hash == bindparam("named"))


async def pseudonym_of(connection: AsyncConnection, subject: str) -> str:
    """The same for the same subject until its key is erased."""
    named = hash_subject(subject)
    key = (await connection.execute(_KEY, {"named": named})).scalar()
    if key is None:
        fresh = insert_into(connection, person_keys).values(subject_hash=named, key=secrets.token_hex(32))
        await connection.execute(fresh.on_conflict_do_nothing())  # another process may name the person first
        key = (await connection.execute(_KEY, {"named": named})).scalar_one()
    return hmac.new(bytes.fromhex(key), subject.encode(), hashlib.sha256).hexdigest()[:32]


async def forget_person(connection: AsyncConnection, subject: str) -> None:
    await connection.execute(delete(person_keys).where(person_keys.c.subject_hash == hash_subject(subject)))


def hash_subject(subject: str) -> str:
    return hashlib.sha256(f"person:{subject}".encode()).hexdigest()
