"""Effects: each once by its key, in order for each order key, tried again or put aside; over both databases."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from agent.events.finishing import Done, Later, Outcome
from agent.events.intake import Intake
from agent.events.metrics import EventMetrics
from agent.events.replaying import Replaying
from agent.events.worker import LEASE, Worker
from agent.store.database import Database
from agent.store.dead_letters import DeadLetters
from agent.store.effects import Effect, Effects, NewEffect, add_effects
from tests.conftest import Clock
from tools.audit import AuditRecord
from tools.domain.errors import Rejected, ServiceUnavailable


class Doing:
    """Notes what it was given, and does what the script says of the first effect; the others are plainly done."""

    def __init__(self) -> None:
        self.seen: list[Effect] = []
        self.script: list[Outcome | Exception] = []

    async def __call__(self, effect: Effect) -> Outcome:
        self.seen.append(effect)
        first = effect.key == self.seen[0].key
        step = self.script.pop(0) if self.script and first else Done(result={"at": len(self.seen)})
        if isinstance(step, Exception):
            raise step
        return step

    @property
    def keys(self) -> list[str]:
        return [effect.key for effect in self.seen]


@pytest.fixture
def doing() -> Doing:
    return Doing()


@pytest.fixture
def worker(database: Database, doing: Doing, clock: Clock) -> Worker:
    return _worker(database, doing, clock)


def _worker(database: Database, doing: Doing, clock: Clock) -> Worker:
    return Worker(database=database, handlers={"act": doing}, clock=clock, metrics=EventMetrics())


async def add(database: Database, clock: Clock, *new: NewEffect) -> None:
    async with database.writing() as connection:
        await add_effects(connection, new, clock())


def act(key: str, order_key: str = "", **more: object) -> NewEffect:
    return NewEffect(key=key, kind="act", order_key=order_key or key, **more)  # type: ignore[arg-type]


async def test_an_effect_added_twice_is_done_once(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    for _ in range(2):
        await add(database, clock, act("a"), act("a"))
        await worker.drain()
    assert doing.keys == ["a"]


async def test_effects_of_one_order_key_are_done_in_their_order(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    await add(database, clock, act("a1", "ada"), act("a2", "ada"), act("b1", "ben"), act("a3", "ada"))
    assert await worker.once() == 2
    await worker.drain()
    assert [key for key in doing.keys if key.startswith("a")] == ["a1", "a2", "a3"]


async def test_it_starts_again_only_when_the_measure_has_grown(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    for measure in (10, 10, 30, 20):
        await add(database, clock, act("a", measure=measure, again="when_grown", body={"delay": measure}))
        await worker.drain()
    assert [(effect.body["delay"], effect.revision) for effect in doing.seen] == [(10, 1), (30, 2)]


async def test_of_several_in_one_batch_the_worst_counts(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    batch = [act("a", measure=measure, again="when_grown", body={"delay": measure}) for measure in (10, 30, 20)]
    await add(database, clock, *batch)
    await worker.drain()
    assert [effect.body["delay"] for effect in doing.seen] == [30]


async def test_a_pending_effect_takes_on_newer_figures_and_a_done_one_does_not(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    later = clock() + timedelta(hours=1)
    await add(database, clock, act("a", measure=1, again="while_pending", body={"n": 1}, due_at=later))
    await add(database, clock, act("a", measure=2, again="while_pending", body={"n": 2}, due_at=later))
    await worker.drain()
    assert doing.seen == []
    clock.pass_by(hours=1)
    await worker.drain()
    await add(database, clock, act("a", measure=3, again="while_pending", body={"n": 3}))
    await worker.drain()
    assert [effect.body["n"] for effect in doing.seen] == [2]


async def test_what_starts_again_while_it_is_done_is_done_again(database: Database, doing: Doing, clock: Clock) -> None:
    async def grows(effect: Effect) -> Outcome:
        if effect.revision == 1:
            await add(database, clock, act("a", measure=2, again="when_grown"))
        return await doing(effect)

    worker = Worker(database=database, handlers={"act": grows}, clock=clock, metrics=EventMetrics())
    await add(database, clock, act("a", measure=1, again="when_grown"))
    await worker.drain()
    assert [effect.revision for effect in doing.seen] == [1, 2]
    kept = await Effects(database).get("a")
    assert kept is not None
    assert kept.result == {"at": 2}


async def test_a_worker_that_dies_gives_its_effects_to_the_next_one(
    database: Database, doing: Doing, clock: Clock
) -> None:
    await add(database, clock, act("a"))
    store = Effects(database)
    assert len(await store.claim("dead", now=clock(), lease=LEASE, limit=9)) == 1
    worker = _worker(database, doing, clock)
    assert await worker.drain() == 0
    clock.pass_by(seconds=LEASE.total_seconds() + 1)
    await worker.drain()
    assert doing.keys == ["a"]


async def test_two_workers_share_the_work_and_double_none(database: Database, doing: Doing, clock: Clock) -> None:
    await add(database, clock, *(act(f"a{number:03}") for number in range(40)))
    workers = [_worker(database, doing, clock) for _ in range(2)]
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.drain())
    assert sorted(doing.keys) == [f"a{number:03}" for number in range(40)]


async def test_a_fault_is_tried_again_later_and_longer_after(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    doing.script = [ServiceUnavailable("cases"), ServiceUnavailable("cases", retry_after=30)]
    await add(database, clock, act("a"))
    await worker.drain()
    clock.pass_by(seconds=1)
    await worker.drain()
    clock.pass_by(seconds=29)
    assert await worker.drain() == 0
    clock.pass_by(seconds=1)
    await worker.drain()
    assert len(doing.seen) == 3
    assert await DeadLetters(database).counts() == {}


async def test_what_is_deferred_waits_without_counting_as_a_failure(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    doing.script = [Later(until=clock() + timedelta(hours=8))]
    await add(database, clock, act("a"))
    await worker.drain()
    clock.pass_by(hours=8)
    await worker.drain()
    assert [effect.attempts for effect in doing.seen] == [0, 0]


@pytest.mark.parametrize(
    ("error", "tries", "reason"), [(Rejected("cases", "no"), 1, "rejected"), (KeyError("bug"), 3, "poison")]
)
async def test_a_refusal_and_a_bug_are_put_aside_and_work_once_after_a_replay(
    database: Database, doing: Doing, clock: Clock, error: Exception, tries: int, reason: str
) -> None:
    worker = _worker(database, doing, clock)
    doing.script = [error] * tries
    await add(database, clock, act("a", "ada"), act("b", "ben"))
    for _ in range(4):
        await worker.drain()
        clock.pass_by(minutes=10)
    assert await DeadLetters(database).counts() == {reason: 1}
    assert "b" in doing.keys

    replaying = Replaying(database=database, intake=_no_intake(database, clock), clock=clock)
    assert len((await replaying.replay()).done) == 1
    assert (await replaying.replay()).done == ()
    await worker.drain()
    await worker.drain()
    assert doing.keys.count("a") == tries + 1
    assert await DeadLetters(database).counts() == {}


async def test_an_effect_that_dies_again_after_its_replay_is_a_dead_letter_again(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    doing.script = [Rejected("cases", "no"), Rejected("cases", "no")]
    await add(database, clock, act("a"))
    await worker.drain()
    await Replaying(database=database, intake=_no_intake(database, clock), clock=clock).replay()
    await worker.drain()
    assert await DeadLetters(database).counts() == {"rejected": 1}


async def test_the_result_its_followers_and_its_audit_are_kept_together(
    database: Database, worker: Worker, doing: Doing, clock: Clock
) -> None:
    record = AuditRecord(kind="event", tool="act", outcome="done", arguments_hash="0")
    doing.script = [Done(result={"case": "CS1"}, followers=(act("next"),), audit=(record,))]
    await add(database, clock, act("first"))
    await worker.drain()
    assert doing.keys == ["first", "next"]
    counts = await Effects(database).counts(clock())
    assert (counts.pending, counts.settled) == (0, 2)


async def test_the_plan_of_an_effect_outlives_a_crash(database: Database, clock: Clock) -> None:
    plans: list[object] = []

    async def crashes_once(effect: Effect) -> Outcome:
        plans.append(effect.plan)
        if effect.plan is None:
            await Effects(database).plan(effect, {"request": 7})
            raise ServiceUnavailable("cases")
        return Done(result={})

    worker = Worker(database=database, handlers={"act": crashes_once}, clock=clock, metrics=EventMetrics())
    await add(database, clock, act("a"))
    await worker.drain()
    clock.pass_by(seconds=5)
    await worker.drain()
    assert plans == [None, {"request": 7}]


def _no_intake(database: Database, clock: Clock) -> Intake:
    names: Sequence[str] = ("/concierge", "/gamma/consent")
    return Intake(database=database, clock=clock, own_source=names[0], consent_source=names[1], metrics=EventMetrics())
