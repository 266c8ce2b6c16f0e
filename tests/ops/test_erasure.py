"""After an erasure no byte in any store names the person, on either database, and the audit still verifies."""

import io
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from agent.bootstrap import Platform
from agent.events.cloudevents import new_event
from agent.interface import ResolutionRequest
from tests.agent.talk import Talk, customer, talk
from tests.conftest import NOON, MakePlatform
from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.ports import Subject
from tools.sandbox.people import EMMA

ANNA = Speaker(kind="staff", subject="agent-anna", roles=frozenset({"agent"}), name="Anna")
WORDS, COMMENT, REASON = "Quetzalcoatlus ate my ticket", "Xylophonist comment", "Zymurgist reason"
NAMES = (EMMA.surname, EMMA.email, EMMA.phone, EMMA.locator, str(EMMA.customer_id), WORDS, COMMENT, REASON)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


async def test_no_byte_names_who_was_erased_and_the_audit_holds(
    make_platform: MakePlatform, script: list[object], home: Path, database_url: str | None
) -> None:
    async with make_platform() as platform:
        person = await live(platform, script)
        await happen(platform)
        await platform.events.settle()
        await platform.stores.audit.seal(NOON)
        before = await traces(home, database_url)
        assert {name for _, name in before} >= {WORDS, COMMENT, REASON, EMMA.locator, EMMA.email, EMMA.phone}
        erased = await platform.privacy.erase(person.speaker)
        assert erased.status == "erased", erased.detail
        assert await traces(home, database_url) == set()
        verified = await platform.stores.audit.verify()
        assert (verified.findings, verified.records > 5) == ((), True)
    assert await traces(home, database_url) == set()


async def live(platform: Platform, script: list[object]) -> Talk:
    """Words, an executed card, claims, feedback, a colleague with options and a reason."""
    script += [[("search_policies", {"query": "cabin bag"})], "You may bring a cabin bag of up to 8 kg. [[BAG-CABIN]]"]
    person = await talk(platform, customer(EMMA))
    answer = await person.say("how big may my cabin bag be?")
    await platform.concierge.rate(person.conversation_id, answer.message.id, person.speaker, "up", COMMENT)
    script += [[("list_bookings", {})], [("cancel_booking", {"record_locator": EMMA.locator})]]
    await person.confirm(await person.say("please cancel my booking"))
    script += [[("hand_off", {"reason": WORDS})], "A colleague takes over."]
    case_id = str((await person.say(WORDS)).handoff.case_id)
    await platform.desk.take(case_id, ANNA)
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    await platform.deciding.reject(resolution.id, resolution.options[0].id, ANNA, reason=REASON)
    await platform.desk.close(case_id, ANNA)
    return person


async def happen(platform: Platform) -> None:
    """Events of the landscape that are about the person, and one that nobody can read."""
    booking = await platform.services.booking.get(RecordLocator(EMMA.locator), subject=Subject("system"))
    flight, passenger = booking.segments[0], booking.passengers[0]
    on = {"flight_number": flight.flight_number, "flight_date": flight.departs_at.date().isoformat()}
    bag: dict[str, object] = {"record_locator": EMMA.locator, "passenger_id": passenger.passenger_id, "kind": "delayed"}
    told: dict[str, dict[str, object]] = {
        "ivr.call_started": {"call_id": "call-1", "phone": EMMA.phone, "agent": "agent-anna"},
        "consent.changed": {
            "customer_id": EMMA.customer_id,
            "purpose": "marketing",
            "channel": "email",
            "granted": True,
            "changed_at": NOON.isoformat(),
        },
        "profile.changed": {"customer_id": EMMA.customer_id, "fields": ["email"]},
        "flight.cancelled": {**on},
        "baggage.mishandled": bag,
        "profile.merged": {"surviving": EMMA.email},
    }
    for number, (kind, data) in enumerate(told.items()):
        event = new_event(id=f"e{number}", source="/gamma/operations", type=kind, key="k", data=data, at=NOON)
        await platform.events.on_event(event)


async def traces(home: Path, database_url: str | None) -> set[tuple[str, str]]:
    """Where which of the names stands; the airline's own database is not ours to erase."""
    stores = files(home)
    if database_url is not None:
        stores |= await tables(database_url)
    return {(store, name) for store, held in stores.items() for name in NAMES if name.encode() in held}


def files(home: Path) -> dict[str, bytes]:
    ours = (path for path in home.rglob("*") if path.is_file() and not path.name.startswith("airline.db"))
    return {path.name: path.read_bytes() for path in ours}


async def tables(database_url: str) -> dict[str, bytes]:
    """Every row of every table, as a dump has them."""
    url = make_url(database_url)
    connection = await asyncpg.connect(user=url.username, database=url.database, host=str(url.query["host"]))
    try:
        found = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        held = {}
        for (table,) in found:
            rows = io.BytesIO()
            await connection.copy_from_table(table, output=rows, format="binary")
            held[table] = rows.getvalue()
        return held
    finally:
        await connection.close()
