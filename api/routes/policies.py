"""The clauses themselves, as anyone may read them, and the search over them."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from api.openapi import SPEAKING, may_answer
from api.platform import Clause
from api.routes.speaking import PlatformOf, Speaking
from tools.context import Speaker

router = APIRouter(prefix="/v1", tags=["policy"], responses=SPEAKING)


class ShownClause(BaseModel):
    """`text` is Markdown: headings, lists, bold. Days are UTC; `effective_until` is exclusive."""

    clause_id: str
    version: int
    title: str
    text: str
    authority: str
    effective_from: date
    effective_until: date | None
    effective_basis: str
    versions: tuple[int, ...]


class ShownPassage(BaseModel):
    clause_id: str
    version: int
    title: str
    text: str
    score: float


class ShownSearch(BaseModel):
    """No results: there is no policy on that. `degraded`: only words were compared, not meaning."""

    results: tuple[ShownPassage, ...]
    degraded: bool


@router.get("/policies/{clause_id}", responses=may_answer(404))
async def read_clause(
    platform: PlatformOf, speaker: Speaking, clause_id: str, version: Annotated[int | None, Query(ge=1)] = None
) -> ShownClause:
    """One clause; without `version`, the one in force today, or else the newest."""
    readable = [c for c in platform.pack.clauses if c.id == clause_id and c.audience in _audiences(speaker)]
    found = _in_force(readable) if version is None else next((c for c in readable if c.version == version), None)
    if found is None:
        raise HTTPException(404, "There is no such clause or version.")
    return _shown(found, readable)


@router.get("/knowledge/search")
async def search_knowledge(
    platform: PlatformOf,
    speaker: Speaking,
    q: Annotated[str, Query(min_length=1, max_length=400)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> ShownSearch:
    found = await asyncio.to_thread(
        platform.knowledge.search, q, on=_today(), audience=_audiences(speaker)[-1], limit=limit
    )
    passages = (
        ShownPassage(clause_id=p.clause_id, version=p.version, title=p.title, text=p.text, score=round(p.score, 4))
        for p in found.passages
    )
    return ShownSearch(results=tuple(passages), degraded=found.degraded)


def _audiences(speaker: Speaker) -> tuple[str, ...]:
    return ("customer", "staff") if speaker.kind == "staff" else ("customer",)


def _today() -> date:
    return datetime.now(UTC).date()


def _in_force(versions: list[Clause]) -> Clause | None:
    newest = sorted(versions, key=lambda clause: clause.version, reverse=True)
    return next((clause for clause in newest if clause.effective.covers(_today())), newest[0] if newest else None)


def _shown(clause: Clause, versions: list[Clause]) -> ShownClause:
    return ShownClause(
        clause_id=clause.id,
        version=clause.version,
        title=clause.title,
        text=clause.body,
        authority=clause.authority,
        effective_from=clause.effective.start,
        effective_until=clause.effective.until,
        effective_basis=clause.effective.basis,
        versions=tuple(sorted(c.version for c in versions)),
    )
