"""Patience and its end: repeats, Retry-After, deadlines and the circuit breaker, on a clock of our own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from tools.clients.resilience import Patience, Resilience
from tools.domain.errors import ConciergeError, NotFound, OutcomeUnknown, Rejected, ServiceUnavailable, VersionConflict

DOWN, UNCLEAR = ServiceUnavailable("booking", "500"), OutcomeUnknown("booking", "cut")


def busy(seconds: float) -> ServiceUnavailable:
    return ServiceUnavailable("booking", "429", retry_after=seconds)


@dataclass
class Time:
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Service:
    """Raises its script's faults in turn, then answers."""

    script: list[ConciergeError]
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= len(self.script):
            raise self.script[self.calls - 1]
        return "answer"


@pytest.fixture
def time() -> Time:
    return Time()


def resilient(time: Time, **patience: float) -> Resilience:
    chosen = Patience(**patience)  # type: ignore[arg-type]  # counts and seconds alike
    return Resilience("booking", patience=chosen, sleep=time.sleep, monotonic=time)


async def test_a_read_is_repeated_until_it_is_answered(time: Time) -> None:
    service = Service([DOWN, DOWN])
    assert await resilient(time).read(service) == "answer"
    assert time.slept == [0.1, 0.2]


async def test_repeats_are_bounded(time: Time) -> None:
    service = Service([DOWN] * 9)
    with pytest.raises(ServiceUnavailable):
        await resilient(time).read(service)
    assert service.calls == 3


@pytest.mark.parametrize("refusal", [NotFound("booking"), Rejected("booking"), VersionConflict("booking")])
@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_no_is_not_asked_again(time: Time, refusal: ConciergeError, kind: str) -> None:
    service = Service([refusal] * 9)
    with pytest.raises(type(refusal)):
        await getattr(resilient(time), kind)(service)
    assert service.calls == 1


async def test_retry_after_is_obeyed(time: Time) -> None:
    assert await resilient(time).read(Service([busy(3.5)])) == "answer"
    assert time.slept == [3.5]


async def test_a_retry_after_beyond_the_deadline_ends_the_call_at_once_and_is_passed_on(time: Time) -> None:
    service = Service([busy(60)])
    with pytest.raises(ServiceUnavailable) as raised:
        await resilient(time).read(service)
    assert (raised.value.retry_after, service.calls, time.slept) == (60, 1, [])


@pytest.mark.parametrize("script", [[UNCLEAR] * 9, [UNCLEAR, DOWN, DOWN], [UNCLEAR, busy(60)], [DOWN, UNCLEAR, DOWN]])
async def test_an_unknown_outcome_stays_unknown(time: Time, script: list[ConciergeError]) -> None:
    with pytest.raises(OutcomeUnknown):
        await resilient(time).write(Service(script))


async def test_a_write_that_was_never_taken_is_known_not_to_have_happened(time: Time) -> None:
    with pytest.raises(ServiceUnavailable):
        await resilient(time).write(Service([DOWN] * 9))


async def test_a_refusal_after_an_unclear_attempt_is_the_services_word(time: Time) -> None:
    """The key tells the service that it is the same write, so its no says that nothing was done."""
    with pytest.raises(Rejected):
        await resilient(time).write(Service([UNCLEAR, Rejected("booking")]))


async def test_the_circuit_opens_and_spares_the_service(time: Time) -> None:
    service, resilience = Service([DOWN] * 99), resilient(time, failures=4)
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            await resilience.read(service)
    assert service.calls == 4
    with pytest.raises(ServiceUnavailable) as raised:
        await resilience.read(service)
    assert service.calls == 4
    assert raised.value.retry_after is not None
    assert 0 < raised.value.retry_after <= 10


async def test_after_its_rest_one_call_tries_and_closes_the_circuit(time: Time) -> None:
    service, resilience = Service([DOWN] * 3), resilient(time, failures=3)
    with pytest.raises(ServiceUnavailable):
        await resilience.read(service)
    time.now += 10
    assert await resilience.read(service) == "answer"
    assert not resilience.breaker.is_open


async def test_a_failed_trial_opens_the_circuit_for_another_rest(time: Time) -> None:
    service, resilience = Service([DOWN] * 99), resilient(time, failures=3)
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            await resilience.read(service)
        time.now += 10
    assert service.calls == 4
    assert resilience.breaker.is_open


async def test_only_one_of_many_waiting_calls_is_the_trial(time: Time) -> None:
    started, gate, resilience = 0, asyncio.Event(), resilient(time, failures=1, attempts=1)

    async def held() -> str:
        nonlocal started
        started += 1
        await gate.wait()
        return "answer"

    with pytest.raises(ServiceUnavailable):
        await resilience.read(Service([DOWN]))
    time.now += 10
    trial = asyncio.ensure_future(resilience.read(held))
    await asyncio.sleep(0)
    for _ in range(5):
        with pytest.raises(ServiceUnavailable):
            await resilience.read(held)
    gate.set()
    assert (await trial, started) == ("answer", 1)


async def test_a_trial_whose_caller_left_lets_the_next_one_try(time: Time) -> None:
    resilience = resilient(time, failures=1, attempts=1)
    with pytest.raises(ServiceUnavailable):
        await resilience.read(Service([DOWN]))
    time.now += 10
    abandoned = asyncio.ensure_future(resilience.read(asyncio.Event().wait))
    await asyncio.sleep(0)
    abandoned.cancel()
    with pytest.raises(asyncio.CancelledError):
        await abandoned
    assert await resilience.read(Service([])) == "answer"


@pytest.mark.parametrize("fault", [busy(0.01), NotFound("booking"), VersionConflict("booking")])
async def test_a_service_that_answers_is_not_broken(time: Time, fault: ConciergeError) -> None:
    service, resilience = Service([fault] * 20), resilient(time, failures=2, attempts=1)
    for _ in range(20):
        with pytest.raises(type(fault)):
            await resilience.read(service)
    assert service.calls == 20


@pytest.mark.parametrize(("kind", "fault"), [("read", ServiceUnavailable), ("write", OutcomeUnknown)])
async def test_an_attempt_that_takes_too_long_is_left(time: Time, kind: str, fault: type[ConciergeError]) -> None:
    call: Callable[[Callable[[], Awaitable[bool]]], Awaitable[bool]] = getattr(
        resilient(time, attempt=0.001, attempts=2), kind
    )
    with pytest.raises(fault, match="no answer in time"):
        await call(asyncio.Event().wait)


async def test_a_bug_in_an_attempt_is_raised_as_it_is_and_opens_nothing(time: Time) -> None:
    resilience = resilient(time, failures=1)

    async def buggy() -> str:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await resilience.read(buggy)
    assert not resilience.breaker.is_open
