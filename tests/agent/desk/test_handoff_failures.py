"""What goes wrong with hand-offs in the field, one by one, and what happens here instead."""

from collections.abc import AsyncIterator

import pytest

from agent.answers import Answer, LoggedEvent
from agent.bootstrap import Platform
from agent.errors import CaseTaken, Forbidden
from tests.agent.desk.test_desk import ANNA, BEN, CHIEF, hand_off
from tests.agent.talk import customer, talk
from tests.conftest import Clock, MakePlatform
from tools.domain.errors import ServiceUnavailable
from tools.sandbox.people import ADA, EMMA


async def test_a_hand_off_that_was_announced_but_not_done_is_not_announced(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform, customer(EMMA))
    script += ["I have handed you over to a colleague, who will be with you shortly."] * 3
    answer = await person.say("can somebody call me about my suitcase")
    assert "handed" not in answer.message.text
    assert answer.handoff.state == "none"
    assert person.conversation_id not in [case.conversation_id for case in await platform.desk.queue(ANNA)]


async def test_a_hand_off_that_was_done_but_not_announced_is_announced_with_place_and_hours(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform, customer(EMMA))
    script += [[("hand_off", {"reason": "a person"})], "Is there anything else?"]
    answer = await person.say("I want a person")
    assert_receipt(answer)
    assert "anything else" not in answer.message.text
    assert "every day from 06:00 to 22:00 (Vienna time)" in answer.message.text


async def test_a_hand_off_that_cannot_be_done_is_not_claimed(
    platform: Platform, script: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(**_: object) -> None:
        raise ServiceUnavailable("case", "no answer in 2 s")

    monkeypatch.setattr(type(platform.services.cases), "open", lambda _self, **given: down(**given))
    person = await talk(platform, customer(EMMA))
    script += [[("hand_off", {"reason": "a person"})], "I have handed you over to a colleague."] * 2
    answer = await person.say("I want a person")
    assert answer.handoff.state == "none"
    assert "I have handed" not in answer.message.text


async def test_nobody_on_duty_is_said_and_the_place_is_kept(
    make_platform: MakePlatform, clock: Clock, script: list[object]
) -> None:
    clock.now = clock.now.replace(hour=23)
    async with make_platform() as platform:
        _, case_id = await hand_off(platform, script, EMMA, "a person please")
        conversation = next(c for c in await platform.desk.queue(ANNA) if c.case_id == case_id).conversation_id
        view = await platform.concierge.conversation(str(conversation), customer(EMMA))
        assert "Nobody is on duty right now" in view.messages[-1].text
        assert "06:00" in view.messages[-1].text


async def test_the_bot_does_not_talk_over_a_person_in_the_queue_or_in_the_conversation(
    platform: Platform, script: list[object]
) -> None:
    person, case_id = await hand_off(platform, script, EMMA, "a person please")
    script += ["I am talking over a person."]
    assert (await person.say("hello?")).message.text == ""
    await platform.desk.take(case_id, ANNA)
    assert (await person.say("hello Anna, please cancel my booking")).message.text == ""
    assert script == ["I am talking over a person."]
    view = await platform.desk.case(case_id, ANNA)
    assert [m.text for m in view.transcript if m.role == "customer"][-2:] == [
        "hello?",
        "hello Anna, please cancel my booking",
    ]


async def test_a_closed_case_does_not_loop_back_and_the_next_request_opens_a_new_one(
    platform: Platform, script: list[object]
) -> None:
    person, first = await hand_off(platform, script, EMMA, "a person please")
    await platform.desk.take(first, ANNA)
    await platform.desk.close(first, ANNA)
    script += ["Good to have you back."]
    assert (await person.say("thanks")).handoff.state == "none"
    assert first not in [case.case_id for case in await platform.desk.queue(ANNA)]
    with pytest.raises(CaseTaken):
        await platform.desk.take(first, ANNA)
    script += [[("hand_off", {"reason": "again"})]]
    again = await person.say("I need a person again")
    assert again.handoff.case_id not in (None, first)


async def test_when_an_agents_connection_is_lost_nothing_said_is_lost_and_a_supervisor_frees_the_case(
    platform: Platform, script: list[object]
) -> None:
    person, case_id = await hand_off(platform, script, EMMA, "a person please")
    with platform.desk.hub.listening("agent-anna"):
        await platform.desk.take(case_id, ANNA)
    await person.say("are you still there?")
    assert (await platform.desk.case(case_id, ANNA)).transcript[-1].text == "are you still there?"
    with pytest.raises(Forbidden):
        await platform.desk.give_back(case_id, BEN)
    await platform.desk.give_back(case_id, CHIEF)
    assert (await platform.desk.take(case_id, BEN)).assignee == "agent-ben"


async def test_a_customers_connection_that_is_lost_finds_everything_said_meanwhile(
    platform: Platform, script: list[object]
) -> None:
    person, case_id = await hand_off(platform, script, ADA, "a person please")
    last = max([event.id for event in await platform.stores.conversations.events_after(person.conversation_id, 0)])
    await platform.desk.take(case_id, ANNA)
    await platform.desk.message(case_id, "Hello, this is Anna.", ANNA)
    missed = [logged.event.kind async for logged in _first(platform, person.conversation_id, last, 3)]
    assert missed == ["handoff", "message", "message"]


async def _first(platform: Platform, conversation_id: str, after: int, count: int) -> AsyncIterator[LoggedEvent]:
    async for event in platform.concierge.events(conversation_id, customer(ADA), after):
        yield event
        count -= 1
        if not count:
            return


def assert_receipt(answer: Answer) -> None:
    assert answer.handoff.state == "queued"
    assert str(answer.handoff.case_id) in answer.message.text
    assert "You are number" in answer.message.text
