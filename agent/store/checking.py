"""Whether the database can be reached, and its schema, for `concierge doctor`. Nothing is changed."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from agent.errors import StoreUnavailable
from agent.store.database import Database

_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Schema:
    """Revisions: as it is, None in an empty database; and as this release has it."""

    current: str | None
    wanted: str | None


async def read_schema(url: str) -> Schema:
    """Raises StoreUnavailable with one line that says why."""
    try:
        database = Database(url)
        try:
            async with asyncio.timeout(_SECONDS):
                current, wanted = await database.revisions()
        finally:
            await database.close()
    except TimeoutError:
        raise StoreUnavailable(f"no answer came within {_SECONDS:.0f} seconds") from None
    except (SQLAlchemyError, OSError) as error:
        lines = str(getattr(error, "orig", None) or error).splitlines()
        raise StoreUnavailable(lines[0] if lines else type(error).__name__) from None
    return Schema(current=current, wanted=wanted)
