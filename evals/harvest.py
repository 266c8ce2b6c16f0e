"""Production feedback as candidate cases: staff's verdicts, customers' thumbs and hand-offs, redacted.

A candidate is no case: it says what happened, not what should have. It lies in no suite until a person puts it there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import select

from agent.desk.harvesting import harvest as verdict_cases
from agent.settings import Settings
from agent.store.conversations import Conversations, Entry
from agent.store.database import Database, sqlite_url
from agent.store.resolutions import Resolutions
from agent.store.tables import conversations, feedback
from evals.talking import tool_uses
from tools.domain.errors import SettingsError
from tools.extract.codes import mask_cards, mask_codes
from tools.extract.message import extract

Candidate = Mapping[str, Any]


class Rating(Protocol):
    """A row of the feedback table."""

    conversation_id: str
    rating: str
    comment: str
    at: datetime


_PLACES = (
    ("locators", "{LOCATOR}"),
    ("emails", "[email]"),
    ("phones", "[phone]"),
    ("surnames", "{SURNAME}"),
    ("corrected_names", "[name]"),
    ("bag_tags", "[tag]"),
    ("loyalty_numbers", "[member]"),
)
"""What names a person or their journey, and what stands for it."""


async def harvest(settings: Settings) -> list[Candidate]:
    """Raises SettingsError when there is no database yet."""
    path = settings.home / "concierge.db"
    if settings.database_url is None and not path.exists():
        raise SettingsError(f"There is no database at {path}. Set CONCIERGE_HOME to the server's home.")
    database = Database(settings.database_url or sqlite_url(path))
    try:
        kept = Resolutions(database)
        verdicts = verdict_cases(await kept.verdicts(), await kept.judged())
        talks = await _conversations(database)
    finally:
        await database.close()
    return [*({"suite": "resolution", **case, "accepted": False} for case in verdicts), *talks]


async def _conversations(database: Database) -> list[Candidate]:
    async with database.reading() as connection:
        rated: dict[str, Any] = {row.conversation_id: row for row in await connection.execute(select(feedback))}
        with_case = select(conversations.c.id).where(conversations.c.case_id.is_not(None))
        handed = {row.id for row in await connection.execute(with_case)}
    kept = Conversations(database)
    transcripts = {name: await kept.transcript(name) for name in dict.fromkeys([*rated, *sorted(handed)])}
    return [
        candidate_of(name, transcript, rated.get(name), handed_over=name in handed)
        for name, transcript in transcripts.items()
        if any(entry.role == "customer" for entry in transcript)
    ]


def candidate_of(name: str, transcript: Sequence[Entry], rated: Rating | None, *, handed_over: bool) -> Candidate:
    """A dialogue in the format of the selfservice suite, with what became of it for the reader."""
    said = [entry for entry in transcript if entry.role == "customer"]
    surnames = frozenset(_surnames(said))
    return {
        "suite": "handoff" if handed_over else "selfservice",
        "id": f"harvested-{name[-8:]}",
        "title": f"Rated {rated.rating}" if rated else "Handed over",
        "speaker": "anonymous",
        "needs": "",
        "turns": [
            {"when": "start" if place == 0 else "any", "say": redact(entry.text, entry.at.date(), surnames)}
            for place, entry in enumerate(said)
        ],
        "happened": {
            "tools": [f"{use.name}: {use.outcome}" for use in tool_uses(transcript)],
            "rating": rated.rating if rated else None,
            "comment": redact(rated.comment, rated.at.date(), surnames) if rated else "",
        },
        "accepted": False,
    }


def redact(text: str, today: date, names: frozenset[str] = frozenset()) -> str:
    """Without what names a person or their journey, in the placeholders of the suites where there is one.

    names: surnames that were read elsewhere in the conversation.
    """
    read = extract(text, today=today)
    places: dict[tuple[int, int], str] = {}
    for field, mark in _PLACES:
        for found in getattr(read, field):
            places.setdefault((found.start, found.end), mark)
    for (start, end), mark in sorted(places.items(), reverse=True):
        text = text[:start] + mark + text[end:]
    for name in names:
        text = text.replace(name, "{SURNAME}")
    return mask_codes(mask_cards(text), "{CODE}").replace("[code]", "{CODE}")


def _surnames(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        yield from (found.text for found in extract(entry.text, today=entry.at.date()).surnames)
