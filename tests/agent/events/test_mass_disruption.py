"""One cancelled flight, 180 passengers: two languages, mixed consents, night in some places, an event sent twice."""

from collections import Counter
from datetime import UTC, date, datetime

from fastapi import FastAPI

from agent.events.build import build_events
from agent.store.database import Database
from knowledge.pack import PolicyPack
from tests.agent.events.conftest import MakeEvent
from tests.conftest import Clock
from tools.domain.records import Channel
from tools.ports import Services
from tools.sandbox.crowd import Seat, airline_of, seat
from tools.sandbox.held import CASES, CLAIMS, NOTICES

FLIGHT, DAY = "GA103", date(2026, 6, 16)
EVENING = datetime(2026, 6, 15, 21, 30, tzinfo=UTC)
"""23:30 in Vienna and 06:30 in Tokyo, both quiet; 17:30 in New York."""
MORNING = datetime(2026, 6, 16, 5, 0, tzinfo=UTC)
"""07:00 in Vienna and 14:00 in Tokyo; still before the departure."""
_ZONES = ("Europe/Vienna", "America/New_York", "Asia/Tokyo")
_CHOICES: tuple[tuple[Channel, ...], ...] = (("sms",), ("email",), (), ("sms", "email"))


def passengers() -> list[Seat]:
    """Every combination of zone, language and consent alike often; each twelfth has withdrawn what it once gave."""
    return [
        Seat(
            number=number,
            language=("en", "de")[number // 3 % 2],
            time_zone=_ZONES[number % 3],
            channels=_CHOICES[number // 6 % 4] if number % 12 else (),
            withdrawn=() if number % 12 else ("sms",),
        )
        for number in range(180)
    ]


async def test_each_passenger_gets_a_case_the_gifts_and_exactly_the_permitted_notice(
    database: Database,
    services: Services,
    sandbox: FastAPI,
    event_pack: PolicyPack,
    clock: Clock,
    make_event: MakeEvent,
) -> None:
    crowd = passengers()
    seat(sandbox, FLIGHT, DAY, crowd)
    clock.now = EVENING
    events = build_events(database=database, services=services, pack=event_pack, clock=clock)
    cancelled = {"flight_number": FLIGHT, "flight_date": DAY.isoformat(), "cause": "technical"}
    for _ in range(2):
        await events.on_event(make_event("flight.cancelled", cancelled))
        await events.settle()

    store = airline_of(sandbox).store
    assert sum(case.kind == "disruption" for case in store.all(CASES)) == 180
    assert Counter(claim.kind for claim in store.all(CLAIMS)) == {"goodwill_voucher": 180, "goodwill_miles": 180}
    awake = [one for one in crowd if one.channels and one.time_zone == "America/New_York"]
    assert _told(sandbox) == _expected(awake)
    assert (await events.status()).effects.pending == sum(bool(one.channels) for one in crowd) - len(awake)

    clock.now = MORNING
    await events.settle()
    assert _told(sandbox) == _expected([one for one in crowd if one.channels])
    status = await events.status()
    assert (status.effects.pending, status.dead_letters) == (0, {})


def _told(sandbox: FastAPI) -> Counter[tuple[str, str]]:
    return Counter((notice.address, notice.template) for notice in airline_of(sandbox).store.all(NOTICES))


def _expected(crowd: list[Seat]) -> Counter[tuple[str, str]]:
    return Counter(
        (
            f"+4366{one.number:07}" if "sms" in one.channels else f"p{one.number}@example.com",
            f"flight_cancelled_{one.language}",
        )
        for one in crowd
    )
