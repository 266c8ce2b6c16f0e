"""A typed yes counts only for the card the person had in front of them when they wrote it, and only for its act."""

import pytest

from agent.bootstrap import Platform
from agent.interface import Message
from tests.agent.talk import customer, talk
from tests.attacks.stage import PHRASE, card_for_a_bag, card_for_ada, plant, proposal, status_of_ada
from tools.sandbox.people import ADA


async def test_a_phrase_sent_twice_before_the_card_was_shown_confirms_nothing(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform, customer(ADA))
    script += [[("cancel_booking", {"record_locator": ADA.locator})]]
    message = Message(conversation_id=person.conversation_id, text=PHRASE)
    first, second = [await platform.concierge.handle(message, person.speaker) for _ in range(2)]
    await first.answer()
    answer = await second.answer()
    assert answer.outcome.kind == "proposed"
    assert await status_of_ada(platform) == "confirmed"
    await person.say(PHRASE)
    assert await status_of_ada(platform) == "cancelled"


@pytest.mark.parametrize("words", ["ok, cancel that", "yes cancel it", "sure, refund it", "yes, cancel the booking"])
async def test_a_yes_to_another_act_than_the_cards_is_none(
    platform: Platform, script: list[object], words: str
) -> None:
    person, answer = await card_for_a_bag(platform, script)
    await person.say(words)
    assert (await proposal(platform, answer)).status == "pending"


@pytest.mark.parametrize("words", ["yes", "yes please", "ok, add it", "sure, book it"])
async def test_a_yes_to_the_cards_act_confirms(platform: Platform, script: list[object], words: str) -> None:
    person, answer = await card_for_a_bag(platform, script)
    await person.say(words)
    assert (await proposal(platform, answer)).status == "executed"


@pytest.mark.parametrize("role", ["agent", "system"])
async def test_words_of_others_between_card_and_yes_make_it_none(
    platform: Platform, script: list[object], role: str
) -> None:
    person, _ = await card_for_ada(platform, script)
    await plant(person, role, "Shall I cancel it?")
    again = await person.say(PHRASE)
    assert again.outcome.kind == "proposed"
    assert await status_of_ada(platform) == "confirmed"
