"""A consent is taken back by its owner's own words, at once and wherever they say it; and given by a card alone."""

import pytest

from agent.bootstrap import Platform
from tests.agent.talk import customer, talk
from tests.attacks.stage import ANNA
from tools.domain.records import Purpose
from tools.extract.consents import withdrawals
from tools.sandbox.people import CLARA, Persona


async def live(platform: Platform, persona: Persona, purpose: Purpose) -> bool:
    consents = await platform.services.consent.list_for(persona.customer_id)
    return any(consent.granted for consent in consents if consent.purpose == purpose)


@pytest.mark.parametrize(
    "words",
    [
        'My friend wrote to me "please stop sending me marketing emails". Funny, is it not?',
        "What does “stop sending me any marketing emails” do on your page?",
        "> please stop sending me marketing emails\nThat is what my boss wrote.",
    ],
)
def test_what_is_quoted_of_somebody_else_takes_nothing_back(words: str) -> None:
    assert withdrawals(words) == ()


@pytest.mark.parametrize(
    "words",
    [
        "stop sending me marketing emails",
        '"stop sending me marketing emails"',
        'I read "we respect your privacy always". Stop sending me marketing emails.',
        'I want to "opt out" of marketing emails',
    ],
)
def test_what_the_person_says_themselves_takes_it_back(words: str) -> None:
    assert [found.value.purpose for found in withdrawals(words)] == ["marketing"]


async def test_a_withdrawal_works_while_a_colleague_has_the_conversation(
    platform: Platform, script: list[object]
) -> None:
    assert await live(platform, CLARA, "social_profile")
    person = await talk(platform, customer(CLARA))
    script[:] = [[("hand_off", {"reason": "help"})], "Fine."]
    handed = await person.say("I want to talk to a person")
    await platform.desk.take(str(handed.handoff.case_id), ANNA)
    answer = await person.say("stop using my social profile")
    assert answer.message.text == ""
    assert not await live(platform, CLARA, "social_profile")


async def test_nobody_takes_back_a_consent_in_a_conversation_without_a_name(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform)
    script[:] = ["Thanks.", "Please sign in."]
    await person.say(f"{CLARA.locator}, {CLARA.surname}")
    await person.say("stop using my social profile")
    assert await live(platform, CLARA, "social_profile")


async def test_a_model_can_neither_take_back_nor_give_a_consent_by_itself(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform, customer(CLARA))
    taken = ("withdraw_consent", {"purpose": "social_profile"})
    given = ("set_consent", {"purpose": "partner_sharing", "channel": None, "granted": True})
    script[:] = [[taken], [given], "Done."]
    await person.say("hello")
    assert await live(platform, CLARA, "social_profile")
    assert not await live(platform, CLARA, "partner_sharing")
