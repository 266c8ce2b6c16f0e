"""Nothing of a person is left in the event paths once they are erased, and nothing of anybody else is lost."""

from datetime import date

from fastapi import FastAPI
from sqlalchemy import select

from agent.events.build import build_events
from agent.store.database import Database
from agent.store.event_erasure import erase_events
from agent.store.tables import audit, metadata
from knowledge.pack import PolicyPack
from tests.agent.events.conftest import MakeEvent
from tests.conftest import Clock
from tools.domain.ids import CustomerId
from tools.ports import Services
from tools.sandbox.crowd import Seat, seat

ADA, BEN = CustomerId("C900001"), CustomerId("C900002")


async def everything(database: Database) -> str:
    """All rows of all tables but the audit, as text."""
    async with database.reading() as connection:
        tables = [table for table in metadata.sorted_tables if table is not audit]
        return "".join([str(tuple(row)) for table in tables for row in await connection.execute(select(table))])


async def test_erasing_one_passenger_leaves_no_trace_of_them_and_the_other_as_they_were(
    database: Database,
    services: Services,
    sandbox: FastAPI,
    event_pack: PolicyPack,
    clock: Clock,
    make_event: MakeEvent,
) -> None:
    seat(sandbox, "GA103", date(2026, 6, 16), [Seat(number=1), Seat(number=2)])
    events = build_events(database=database, services=services, pack=event_pack, clock=clock)
    said = {"purpose": "marketing", "channel": "email", "granted": True}
    for customer, phone in ((ADA, "+43660000001"), (BEN, "+43660000002")):
        changed = {**said, "customer_id": customer}
        await events.send(type="consent.changed", key=customer, data=changed, source="/web", event_id=f"w-{customer}")
        await events.on_event(make_event("profile.changed", {"customer_id": customer, "fields": ["email"]}))
        await events.on_event(make_event("consent.changed", {**changed, "purpose": "spam"}))
        call = {"call_id": f"call-{len(phone)}{phone[-1]}", "phone": phone, "agent": "anna"}
        await events.on_event(make_event("ivr.call_started", call))
    await events.on_event(make_event("flight.cancelled", {"flight_number": "GA103", "flight_date": "2026-06-16"}))
    await events.settle()
    before = await everything(database)
    assert before.count("C900001") == before.count("C900002") > 10

    async with database.writing() as connection:
        await erase_events(connection, ADA, ["X00001", "+43660000001"])
    after = await everything(database)
    assert "C900001" not in after
    assert "X00001" not in after
    assert "+43660000001" not in after
    assert after.count("C900002") == before.count("C900002")
