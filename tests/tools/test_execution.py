"""What can go wrong between confirmation and receipt: each has a stated outcome; nothing is done twice or silently."""

import asyncio
from collections.abc import Callable

import pytest

from agent.answers import Answer
from agent.bootstrap import Platform
from agent.errors import ProposalGone
from tests.agent.talk import Talk, customer, talk
from tests.conftest import Clock
from tools.domain.errors import OutcomeUnknown, Rejected, ServiceUnavailable
from tools.domain.ids import RecordLocator
from tools.domain.records import Booking
from tools.ports import Subject
from tools.sandbox.people import ADA, PERSONAS

SYSTEM = Subject("system")


async def ask(
    platform: Platform, script: list[object], name: str, words: str, **arguments: object
) -> tuple[Talk, Answer]:
    person = await talk(platform, customer(ADA))
    script += [[(name, arguments)]]
    return person, await person.say(words)


async def ask_to_cancel(platform: Platform, script: list[object]) -> tuple[Talk, Answer]:
    words = f"please cancel {ADA.locator}"
    return await ask(platform, script, "cancel_booking", words, record_locator=ADA.locator)


async def ask_for_new_email(platform: Platform, script: list[object]) -> tuple[Talk, Answer]:
    words = "change my email to ada.new@example.org"
    return await ask(platform, script, "update_profile", words, field="email", value="ada.new@example.org")


async def booking(platform: Platform) -> Booking:
    return await platform.services.booking.get(RecordLocator(ADA.locator), subject=SYSTEM)


def failing(original: Callable[..., object], error: Exception, *, times: int) -> Callable[..., object]:
    """The service's method, that raises the first times it is called."""
    left = [times]

    async def method(*args: object, **kwargs: object) -> object:
        if left[0]:
            left[0] -= 1
            raise error
        return await original(*args, **kwargs)  # type: ignore[misc]

    return method


def break_service(holder: object, method: str, error: Exception, *, times: int = 1) -> None:
    object.__setattr__(holder, method, failing(getattr(holder, method), error, times=times))


async def test_fifty_confirmations_at_once_execute_once_and_all_answer_alike(
    platform: Platform, script: list[object]
) -> None:
    person, answer = await ask_to_cancel(platform, script)
    done = await asyncio.gather(*(person.confirm(answer) for _ in range(50)))
    assert len({d.model_dump_json() for d in done}) == 1
    assert (await booking(platform)).refunded_minor == (await booking(platform)).total_paid_minor - 2500


async def test_a_service_that_is_down_leaves_the_booking_and_says_so(platform: Platform, script: list[object]) -> None:
    person, answer = await ask_to_cancel(platform, script)
    break_service(platform.services.booking, "cancel", ServiceUnavailable("booking"))
    with pytest.raises(ProposalGone, match="Nothing was changed"):
        await person.confirm(answer)
    assert (await booking(platform)).status == "confirmed"


async def test_an_answer_that_was_lost_is_finished_by_the_reconciler_and_never_proposed_anew(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    person, answer = await ask_to_cancel(platform, script)
    break_service(platform.services.booking, "cancel", OutcomeUnknown("booking"))
    unknown = await person.confirm(answer)
    assert unknown.proposal.status == "confirmed"
    assert "once and only once" in unknown.message.text
    script += [[("cancel_booking", {"record_locator": ADA.locator})], "One moment."]
    again = await person.say(f"please cancel {ADA.locator}")
    assert again.outcome.kind != "proposed"
    clock.pass_by(minutes=1)
    assert await platform.concierge.reconcile() == 1
    view = await platform.concierge.conversation(person.conversation_id, person.speaker)
    assert view.proposals[0].status == "executed"
    assert (await booking(platform)).status == "cancelled"


async def test_a_second_step_that_cannot_be_reached_follows_by_itself(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    person, answer = await ask_for_new_email(platform, script)
    break_service(platform.services.notification, "send_to", ServiceUnavailable("notification"))
    half = await person.confirm(answer)
    assert "first part" in half.message.text
    clock.pass_by(minutes=1)
    await platform.concierge.reconcile()
    view = await platform.concierge.conversation(person.conversation_id, person.speaker)
    assert view.proposals[0].status == "executed"


async def test_a_second_step_that_is_refused_goes_to_a_person_with_the_packet(
    platform: Platform, script: list[object]
) -> None:
    person, answer = await ask_for_new_email(platform, script)
    break_service(platform.services.notification, "send_to", Rejected("notification", "no such template"), times=9)
    with pytest.raises(ProposalGone, match="A colleague has it now"):
        await person.confirm(answer)
    [case] = [c for c in await platform.services.cases.queue() if c.kind == "unfinished_action"]
    packet = await platform.services.cases.packet(case.case_id)
    assert packet["tool"] == "update_profile"


async def test_two_hundred_conversations_side_by_side_do_not_mix(platform: Platform, script: list[object]) -> None:
    people = [PERSONAS[number % len(PERSONAS)] for number in range(200)]

    async def one(number: int) -> tuple[str, tuple[str, ...]]:
        person = await talk(platform, customer(people[number]))
        await person.say(f"I am number {number}")
        view = await platform.concierge.conversation(person.conversation_id, person.speaker)
        return f"I am number {number}", tuple(m.text for m in view.messages if m.role == "customer")

    heard = await asyncio.gather(*(one(number) for number in range(200)))
    assert all(said == (mine,) for mine, said in heard)
