"""A customer's data: a copy of it, its end, and its time."""

import pytest

from agent.bootstrap import Platform
from agent.errors import Forbidden
from agent.privacy import Privacy
from tests.agent.talk import Talk, customer, talk
from tests.conftest import Clock
from tools.context import Speaker
from tools.sandbox.people import ADA, JONAS

WORDS = "Quetzalcoatlus wants to cancel"
COMMENT = "Xylophonist comment"


async def live_a_little(platform: Platform, script: list[object]) -> Talk:
    """A conversation with a card that is executed, claims, feedback and events; all told to the landscape."""
    script += [[("search_policies", {"query": "cabin bag"})], "You may bring a cabin bag of up to 8 kg. [[BAG-CABIN]]"]
    person = await talk(platform, customer(ADA))
    await person.say("how big may my cabin bag be?")
    script += [[("list_bookings", {})], [("cancel_booking", {"record_locator": ADA.locator})]]
    answer = await person.say(f"{WORDS} my booking")
    await person.confirm(answer)
    await platform.concierge.rate(person.conversation_id, answer.message.id, person.speaker, "up", COMMENT)
    await platform.events.settle()
    return person


async def test_an_export_holds_words_claims_cards_and_feedback(platform: Platform, script: list[object]) -> None:
    person = await live_a_little(platform, script)
    export = (await platform.privacy.export(person.speaker)).model_dump_json()
    assert all(word in export for word in (WORDS, COMMENT, ADA.locator, "BAG-CABIN", "executed"))
    other = await talk(platform, customer(JONAS))
    assert WORDS not in (await platform.privacy.export(other.speaker)).model_dump_json()


async def test_what_is_with_a_colleague_is_erased_when_they_are_done(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    script += [[("hand_off", {"reason": "asked for a person"})], "A colleague takes over."]
    person = await talk(platform, customer(ADA))
    answer = await person.say("I want to speak to a person")
    assert answer.handoff.state == "queued"
    await platform.events.settle()
    deferred = await platform.privacy.erase(person.speaker)
    assert (deferred.status, "colleague" in deferred.detail) == ("deferred", True)
    await platform.privacy.tidy()
    assert await platform.concierge.conversations(person.speaker) != ()
    await platform.stores.conversations.move(person.conversation_id, "none", assignee=None, events=(), at=clock())
    await platform.privacy.tidy()
    assert await platform.concierge.conversations(person.speaker) == ()


async def test_a_conversation_goes_when_its_time_is_over(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    script += ["Hello."]
    person = await talk(platform, customer(ADA))
    await person.say("hello")
    clock.pass_by(days=platform.settings.retention_days)
    await platform.privacy.tidy()
    assert len(await platform.concierge.conversations(person.speaker)) == 1
    clock.pass_by(seconds=1)
    await platform.privacy.tidy()
    assert await platform.concierge.conversations(person.speaker) == ()


@pytest.mark.parametrize("kind", ["anonymous", "staff"])
async def test_only_a_signed_in_customer_may_ask(platform: Platform, kind: str) -> None:
    speaker = Speaker(kind=kind, subject="s")  # type: ignore[arg-type]
    privacy: Privacy = platform.privacy
    with pytest.raises(Forbidden):
        await privacy.export(speaker)
    with pytest.raises(Forbidden):
        await privacy.erase(speaker)
