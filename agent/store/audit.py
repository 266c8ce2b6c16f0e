"""The audit trail read back: sealed by signed roots, verified, explained.

A root lists the head of every chain. Its signature is made with a key outside the database, and each root is also
appended to a file outside the database, so that a removed tail, chain or root shows.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from sqlalchemy import and_, func, insert, or_, select, tuple_

from agent.store.database import Database
from agent.store.keys import audit_keys
from agent.store.ledger import ROOT, chain_digest
from agent.store.tables import audit, audit_roots
from tools.audit import canonical

_PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Finding:
    conversation_id: str
    number: int
    what: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    records: int
    chains: int
    roots: int
    findings: tuple[Finding, ...]


class AuditTrail:
    def __init__(self, database: Database, *, home: Path, key: SecretStr | None = None) -> None:
        """key: see agent/store/keys.py; None for the home's own."""
        self._database = database
        self._keys = audit_keys(key, home)
        self._file = home / "audit-roots.jsonl"

    async def seal(self, at: datetime) -> str | None:
        """Signs the heads of all chains if any has moved; returns the root's digest."""
        heads = await self._heads()
        async with self._database.writing() as connection:
            last = (
                await connection.execute(select(audit_roots).order_by(audit_roots.c.number.desc()).limit(1))
            ).first()
            if not heads or (last is not None and last.heads == heads):
                return None
            number, previous = (last.number + 1, last.digest) if last else (1, ROOT)
            digest = _root_digest(number, previous, heads)
            signature = self._keys[0].sign(digest.encode()).hex()
            row = {"number": number, "previous": previous, "digest": digest, "signature": signature, "heads": heads}
            await connection.execute(insert(audit_roots).values(**row, at=at))
            self._append({"number": number, "digest": digest, "signature": signature, "at": at.isoformat()})
        return digest

    async def verify(self) -> Verified:
        """Every record against its chain, every chain against the newest root, every root against its signature."""
        findings: list[Finding] = []
        heads: dict[str, tuple[int, str]] = {}
        count = 0
        async for row in self._records():
            count += 1
            known = heads.get(row["conversation_id"], (0, ROOT))
            findings += _check(row, known)
            heads[row["conversation_id"]] = (row["number"], row["digest"])
        async with self._database.reading() as connection:
            roots = (await connection.execute(select(audit_roots).order_by(audit_roots.c.number))).all()
        findings += self._check_roots([root._asdict() for root in roots])
        findings += _check_heads(await self._sealed_digests(roots[-1].heads if roots else {}), heads)
        return Verified(records=count, chains=len(heads), roots=len(roots), findings=tuple(findings))

    async def _records(self) -> AsyncIterator[Mapping[str, Any]]:
        """Chain by chain, a page at a time: a large trail is neither held in memory nor in one transaction."""
        place: tuple[str, int] = ("", 0)
        while True:
            newer = tuple_(audit.c.conversation_id, audit.c.number) > place
            page = select(audit).where(newer).order_by(audit.c.conversation_id, audit.c.number).limit(_PAGE)
            async with self._database.reading() as connection:
                rows = (await connection.execute(page)).all()
            for row in rows:
                yield row._asdict()
            if len(rows) < _PAGE:
                return
            place = (rows[-1].conversation_id, rows[-1].number)

    async def explain(self, name: str) -> tuple[Mapping[str, object], ...]:
        """The records of a conversation, or those that name a proposal."""
        mine = or_(audit.c.conversation_id == name, audit.c.body["proposal_id"].as_string() == name)
        async with self._database.reading() as connection:
            rows = await connection.execute(select(audit).where(mine).order_by(audit.c.conversation_id, audit.c.number))
            return tuple({"at": row.at, "number": row.number, **row.body} for row in rows)

    async def _heads(self) -> dict[str, list[object]]:
        newest = select(audit.c.conversation_id, func.max(audit.c.number).label("number")).group_by(
            audit.c.conversation_id
        )
        top = newest.subquery()
        joined = and_(top.c.conversation_id == audit.c.conversation_id, top.c.number == audit.c.number)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(audit.c.conversation_id, audit.c.number, audit.c.digest).join(top, joined)
            )
            return {row.conversation_id: [row.number, row.digest] for row in rows}

    async def _sealed_digests(self, heads: Mapping[str, Sequence[object]]) -> dict[str, tuple[int, str, str | None]]:
        """Each sealed head with the digest that stands at its place now."""
        found: dict[str, tuple[int, str, str | None]] = {}
        async with self._database.reading() as connection:
            for conversation_id, (number, digest) in heads.items():
                place = and_(audit.c.conversation_id == conversation_id, audit.c.number == number)
                now = (await connection.execute(select(audit.c.digest).where(place))).scalar()
                found[conversation_id] = (int(str(number)), str(digest), now)
        return found

    def _check_roots(self, roots: Sequence[Mapping[str, Any]]) -> list[Finding]:
        findings, previous = [], ROOT
        for place, root in enumerate(roots, start=1):
            if root["number"] != place or root["previous"] != previous:
                findings.append(_root_finding(root["number"], "a root is missing or reordered"))
            digest = _root_digest(root["number"], root["previous"], root["heads"])
            if root["digest"] != digest or not self._signed(root):
                findings.append(_root_finding(root["number"], "the root was changed"))
            previous = root["digest"]
        outside = self._written()
        inside = {root["number"]: root["digest"] for root in roots}
        if outside is not None and inside.get(outside["number"]) != outside["digest"]:
            findings.append(
                _root_finding(outside["number"], "a root written outside the database is missing inside it")
            )
        return findings

    def _signed(self, root: Mapping[str, Any]) -> bool:
        return any(_signed_by(key, str(root["signature"]), str(root["digest"])) for key in self._keys)

    def _append(self, root: Mapping[str, object]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(root) + "\n")

    def _written(self) -> dict[str, Any] | None:
        if not self._file.exists():
            return None
        lines = self._file.read_text(encoding="utf-8").splitlines()
        last: dict[str, Any] | None = json.loads(lines[-1]) if lines else None
        return last


def _check(row: Mapping[str, Any], known: tuple[int, str]) -> list[Finding]:
    number, previous = known
    digest = chain_digest(row["conversation_id"], row["previous"], row["number"], row["body"], row["at"])
    if row["number"] != number + 1:
        what = "a record before this one is missing"
    elif row["previous"] != previous:
        what = "the record does not follow the one before it"
    elif row["digest"] != digest:
        what = "the record was changed"
    else:
        return []
    return [Finding(conversation_id=row["conversation_id"], number=row["number"], what=what)]


def _root_finding(number: int, what: str) -> Finding:
    return Finding(conversation_id="roots", number=number, what=what)


def _check_heads(
    sealed: Mapping[str, tuple[int, str, str | None]], heads: Mapping[str, tuple[int, str]]
) -> list[Finding]:
    findings = []
    for conversation_id, (number, digest, now) in sealed.items():
        if now is None or conversation_id not in heads:
            what = "the chain was cut: a sealed record is missing"
            findings.append(Finding(conversation_id=conversation_id, number=number, what=what))
        elif now != digest:
            what = "the sealed record is not the one that stands here"
            findings.append(Finding(conversation_id=conversation_id, number=number, what=what))
    return findings


def _root_digest(number: int, previous: str, heads: object) -> str:
    return hashlib.sha256(f"{number}\n{previous}\n{canonical(heads)}".encode()).hexdigest()


def _signed_by(key: Ed25519PrivateKey, signature: str, digest: str) -> bool:
    try:
        key.public_key().verify(bytes.fromhex(signature), digest.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
