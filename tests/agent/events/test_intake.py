"""Every event once, in order, with its dead letters and checkpoint in the same transaction; over both databases."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.errors import UnknownConversation
from agent.events.applying import Applying, apply
from agent.events.cloudevents import CloudEvent
from agent.events.intake import Arrival, Intake, Place
from agent.events.metrics import EventMetrics
from agent.events.planning import ReadEvent
from agent.events.replaying import Replaying
from agent.store.audit import AuditTrail
from agent.store.checkpoints import Checkpoints, Ownership, OwnershipLost, Stream
from agent.store.consent_register import ConsentKey, ConsentRegister
from agent.store.conversations import Conversations
from agent.store.database import Database
from agent.store.dead_letters import DeadLetters
from agent.store.event_tables import effects, inbox
from agent.store.tables import conversations
from tests.agent.events.conftest import MakeEvent
from tests.conftest import Clock
from tools.audit import AuditRecord
from tools.context import Speaker
from tools.domain.ids import CustomerId

ADA, BEN = CustomerId("C000001"), CustomerId("C000002")
STREAM = Stream(namespace="ns", hub="events", consumer_group="$Default")


@pytest.fixture
def metrics() -> EventMetrics:
    return EventMetrics()


class Faulty:
    """Applies events as usual, after what a test lets happen first."""

    def __init__(self) -> None:
        self.before: Callable[[Sequence[ReadEvent]], None] | None = None

    async def __call__(
        self, connection: AsyncConnection, events: Sequence[ReadEvent], *, consent_source: str, now: datetime
    ) -> tuple[AuditRecord, ...]:
        if self.before:
            self.before(events)
        return await apply(connection, events, consent_source=consent_source, now=now)


@pytest.fixture
def faulty() -> Faulty:
    return Faulty()


@pytest.fixture
def intake(database: Database, clock: Clock, metrics: EventMetrics, faulty: Applying) -> Intake:
    async def no_pause(seconds: float) -> None:
        clock.pass_by(seconds=seconds)

    return Intake(
        database=database,
        clock=clock,
        own_source="/concierge",
        consent_source="/gamma/consent",
        metrics=metrics,
        pause=no_pause,
        applying=faulty,
    )


def consent(customer: str, *, granted: bool, channel: str = "email") -> Mapping[str, object]:
    return {"customer_id": customer, "purpose": "marketing", "channel": channel, "granted": granted}


def arrivals(*events: CloudEvent) -> list[Arrival]:
    return [Arrival(body=event.encoded(), offset=str(at * 100), sequence_number=at) for at, event in enumerate(events)]


async def granted(database: Database, customer: CustomerId, channel: str = "email") -> bool:
    states = await ConsentRegister(database).of(customer)
    return states[ConsentKey(customer_id=customer, purpose="marketing", channel=channel)].granted


async def rows_of(database: Database, *columns: object) -> list[tuple[object, ...]]:
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns))]  # type: ignore[call-overload]


async def test_an_event_that_comes_twice_is_handled_once(
    intake: Intake, database: Database, make_event: MakeEvent, metrics: EventMetrics
) -> None:
    event = make_event("consent.changed", consent(ADA, granted=True), source="/web")
    await intake.take(arrivals(event, event))
    await intake.take(arrivals(event))
    assert len(await rows_of(database, inbox.c.number)) == 1
    assert metrics.counts["duplicates"] == 2
    assert metrics.counts["handled:consent.changed"] == 1


async def test_a_consent_from_elsewhere_is_applied_audited_and_told_to_the_consent_service(
    intake: Intake, database: Database, make_event: MakeEvent, tmp_path: Path
) -> None:
    await intake.take(arrivals(make_event("consent.changed", consent(ADA, granted=True), source="/web")))
    assert await granted(database, ADA)
    assert await rows_of(database, effects.c.key) == [("consent:C000001:marketing:email",)]
    (record,) = await AuditTrail(database, home=tmp_path).explain("events:outbox:0")
    assert (record["tool"], record["outcome"]) == ("consent.changed", "applied")


async def test_what_the_consent_service_itself_says_is_not_told_back(
    intake: Intake, database: Database, make_event: MakeEvent
) -> None:
    await intake.take(arrivals(make_event("consent.changed", consent(ADA, granted=True), source="/gamma/consent")))
    assert await granted(database, ADA)
    assert await rows_of(database, effects.c.key) == []


async def test_a_withdrawal_wins_whatever_comes_first(
    intake: Intake, database: Database, make_event: MakeEvent
) -> None:
    yes = make_event("consent.changed", consent(ADA, granted=True), source="/web")
    no = make_event("consent.changed", consent(ADA, granted=False), source="/mail")
    await intake.take(arrivals(no, yes))
    assert not await granted(database, ADA)


async def test_our_own_events_are_ignored(
    intake: Intake, database: Database, make_event: MakeEvent, metrics: EventMetrics
) -> None:
    await intake.take(arrivals(make_event("consent.changed", consent(ADA, granted=True), source="/concierge")))
    assert await rows_of(database, inbox.c.number) == []
    assert metrics.counts["dead_letters"] == 0


async def test_what_cannot_be_read_is_kept_with_its_reason_while_the_rest_flows(
    intake: Intake, database: Database, make_event: MakeEvent
) -> None:
    good = make_event("consent.changed", consent(ADA, granted=True), source="/web")
    unknown = make_event("weather.changed", {"sky": "blue"})
    wrong = make_event("consent.changed", {**consent(BEN, granted=True), "purpose": "spam"})
    batch = [*arrivals(unknown, wrong, good), Arrival(body=b"{not json"), Arrival(body=b"x" * 300_000)]
    await intake.take(batch)
    assert await granted(database, ADA)
    assert await DeadLetters(database).counts() == {"unknown": 1, "schema": 1, "malformed": 1, "oversized": 1}


async def test_a_newer_version_with_more_to_say_is_read(
    intake: Intake, database: Database, make_event: MakeEvent
) -> None:
    newer = {**consent(ADA, granted=True), "jurisdiction": "AT", "proof": {"form": 7}}
    await intake.take(arrivals(make_event("consent.changed", newer, source="/web")))
    assert await granted(database, ADA)


async def test_a_poisonous_event_is_put_aside_and_replayed_once_it_is_mended(
    intake: Intake, database: Database, make_event: MakeEvent, clock: Clock, faulty: Faulty
) -> None:
    good, poison = (make_event("consent.changed", consent(who, granted=True), source="/web") for who in (ADA, BEN))

    def breaks(events: Sequence[ReadEvent]) -> None:
        if any(read.data.key == BEN for read in events):
            raise ZeroDivisionError

    faulty.before = breaks
    await intake.take(arrivals(good, poison, make_event("consent.changed", consent("C000003", granted=True))))
    assert await granted(database, ADA)
    assert await granted(database, CustomerId("C000003"))
    assert await DeadLetters(database).counts() == {"poison": 1}

    replaying = Replaying(database=database, intake=intake, clock=clock)
    assert len((await replaying.replay()).still_dead) == 1
    faulty.before = None
    assert len((await replaying.replay()).done) == 1
    assert await granted(database, BEN)
    assert (await replaying.replay()).done == ()
    assert len(await rows_of(database, inbox.c.number)) == 3


async def test_an_unknown_event_stays_dead_until_somebody_reads_it(
    intake: Intake, database: Database, make_event: MakeEvent, clock: Clock
) -> None:
    await intake.take(arrivals(make_event("weather.changed", {})))
    replaying = Replaying(database=database, intake=intake, clock=clock)
    assert len((await replaying.replay(reason="unknown")).still_dead) == 1
    (letter,) = await DeadLetters(database).open()
    assert json.loads(letter.body)["type"] == "weather.changed"
    assert letter.replays == 1


async def test_a_database_that_comes_back_loses_nothing(
    intake: Intake, database: Database, make_event: MakeEvent, metrics: EventMetrics, faulty: Faulty
) -> None:
    failures = [OperationalError("select", {}, OSError())] * 3

    def fails_at_first(events: Sequence[ReadEvent]) -> None:
        if failures:
            raise failures.pop()

    faulty.before = fails_at_first
    await intake.take(arrivals(make_event("consent.changed", consent(ADA, granted=True), source="/web")))
    assert await granted(database, ADA)
    assert metrics.counts["database_retries"] == 3
    assert metrics.counts["dead_letters"] == 0


async def test_the_checkpoint_moves_with_the_effects_and_only_forwards(
    intake: Intake, database: Database, make_event: MakeEvent, clock: Clock
) -> None:
    rows = Checkpoints(database)
    await rows.claim(STREAM, Ownership(partition="2", owner_id="me", modified_at=clock()), clock())
    place = Place(stream=STREAM, partition="2", owner_id="me")
    batch = arrivals(*(make_event("consent.changed", consent(ADA, granted=True)) for _ in range(3)))
    await intake.take(batch, place)
    await intake.take(batch[:1], place)
    (reached,) = await rows.of(STREAM)
    assert (reached.sequence_number, reached.offset) == (2, "200")


async def test_a_reader_that_has_lost_its_partition_keeps_nothing(
    intake: Intake, database: Database, make_event: MakeEvent, clock: Clock
) -> None:
    rows = Checkpoints(database)
    mine = await rows.claim(STREAM, Ownership(partition="2", owner_id="me", modified_at=clock()), clock())
    assert mine is not None
    theirs = Ownership(partition="2", owner_id="other", modified_at=clock(), etag=mine.etag)
    assert await rows.claim(STREAM, theirs, clock()) is not None
    assert await rows.claim(STREAM, mine, clock()) is None
    with pytest.raises(OwnershipLost):
        await intake.take(
            arrivals(make_event("consent.changed", consent(ADA, granted=True))),
            Place(stream=STREAM, partition="2", owner_id="me"),
        )
    assert await rows_of(database, inbox.c.number) == []
    assert await rows.of(STREAM) == ()


async def test_a_merge_takes_conversations_and_the_stricter_consent_along(
    intake: Intake, database: Database, make_event: MakeEvent, clock: Clock
) -> None:
    await _open_conversation(database, "c_ben", BEN, clock)
    await intake.take(
        arrivals(
            make_event("consent.changed", consent(ADA, granted=True)),
            make_event("consent.changed", consent(BEN, granted=False), at=clock() - timedelta(days=1)),
            make_event("consent.changed", consent(BEN, granted=True, channel="sms")),
            make_event("profile.merged", {"surviving_id": ADA, "merged_id": BEN}),
        )
    )
    assert not await granted(database, ADA)
    assert await granted(database, ADA, "sms")
    assert await ConsentRegister(database).of(BEN) == {}
    assert await ConsentRegister(database).survivor_of(BEN) == ADA
    assert await rows_of(database, conversations.c.customer_id) == [(ADA,)]
    ada = Speaker(kind="customer", subject="okta|ada", customer_id=ADA)
    assert (await Conversations(database).get("c_ben", ada)).id == "c_ben"
    assert [conversation.id for conversation in await Conversations(database).of(ada)] == ["c_ben"]
    with pytest.raises(UnknownConversation):
        await Conversations(database).get("c_ben", Speaker(kind="customer", subject="okta|eve"))


async def test_what_is_said_of_a_merged_customer_later_counts_for_the_surviving_one(
    intake: Intake, database: Database, make_event: MakeEvent
) -> None:
    carl = CustomerId("C000003")
    await intake.take(arrivals(make_event("profile.merged", {"surviving_id": BEN, "merged_id": ADA})))
    await intake.take(arrivals(make_event("profile.merged", {"surviving_id": carl, "merged_id": BEN})))
    await intake.take(arrivals(make_event("consent.changed", consent(ADA, granted=True), source="/web")))
    assert await granted(database, carl)


async def test_customers_cannot_be_merged_in_a_circle(
    intake: Intake, database: Database, make_event: MakeEvent
) -> None:
    await intake.take(
        arrivals(
            make_event("profile.merged", {"surviving_id": BEN, "merged_id": ADA}),
            make_event("profile.merged", {"surviving_id": ADA, "merged_id": BEN}),
        )
    )
    register = ConsentRegister(database)
    assert [await register.survivor_of(who) for who in (ADA, BEN)] == [BEN, BEN]


async def test_a_contact_changed_elsewhere_is_remembered_for_the_codes(
    intake: Intake, database: Database, make_event: MakeEvent, clock: Clock
) -> None:
    await intake.take(
        arrivals(
            make_event("profile.changed", {"customer_id": ADA, "fields": ["phone"]}),
            make_event("profile.changed", {"customer_id": BEN, "field": "language"}),
        )
    )
    register = ConsentRegister(database)
    assert await register.contact_changed_at(ADA) == clock()
    assert await register.contact_changed_at(BEN) is None


async def test_the_audit_of_events_is_a_whole_chain(
    intake: Intake, database: Database, make_event: MakeEvent, tmp_path: Path
) -> None:
    for number in range(3):
        await intake.take(arrivals(make_event("consent.changed", consent(ADA, granted=bool(number % 2)))))
    records = await AuditTrail(database, home=tmp_path).explain("events:outbox:0")
    assert [record["number"] for record in records] == [1, 2, 3]
    if database.alone:
        assert (await AuditTrail(database, home=tmp_path).verify()).findings == ()


async def _open_conversation(database: Database, name: str, customer: CustomerId, clock: Clock) -> None:
    row = {"id": name, "kind": "customer", "subject": "okta|ben", "customer_id": customer, "opened_at": clock()}
    async with database.writing() as connection:
        await connection.execute(conversations.insert().values(**row, status="open", handoff="none"))
