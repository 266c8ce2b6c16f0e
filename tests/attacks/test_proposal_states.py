"""A proposal that is not open to a confirmation is not executed, and what is said of it is so."""

from dataclasses import replace

import pytest

from agent.bootstrap import Platform
from agent.errors import CallerError, Forbidden, ProposalGone
from tests.agent.talk import customer, talk
from tests.attacks.stage import (
    ANNA,
    PHRASE,
    card_for_ada,
    keep,
    proposal,
    proved,
    status_of_ada,
)
from tests.conftest import Clock, Codes
from tools.domain.errors import NotFound, Rejected
from tools.sandbox.people import ADA, CLARA, HANNAH, JONAS


async def test_a_card_confirmed_in_the_instant_it_expires_does_nothing(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    person, answer = await card_for_ada(platform, script)
    clock.now = answer.proposals[0].expires_at
    with pytest.raises(ProposalGone):
        await person.confirm(answer)
    assert await status_of_ada(platform) == "confirmed"


async def test_a_card_that_expires_between_check_and_act_is_not_said_to_be_sent(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    person, answer = await card_for_ada(platform, script)
    concierge = platform.concierge
    checked, turn = await concierge._proposal(answer.proposals[0].id, person.speaker)
    clock.now = checked.expires_at
    confirmed = await concierge._execution.confirm(checked, turn, "typed")
    assert "expired" in confirmed.say
    assert await status_of_ada(platform) == "confirmed"


async def test_what_waits_for_approval_is_not_the_customers_to_confirm_and_they_are_told_so(
    platform: Platform, script: list[object]
) -> None:
    person, answer = await card_for_ada(platform, script)
    waiting = replace(await proposal(platform, answer), id="waiting", status="awaiting_approval", approver="supervisor")
    await keep(platform, waiting)
    with pytest.raises(Forbidden, match="approve"):
        await platform.concierge.confirm("waiting", person.speaker)
    await person.say("yes")
    await person.say(PHRASE)
    assert await status_of_ada(platform) == "confirmed"


async def test_what_the_service_refuses_while_it_is_read_again_ends_the_card_in_a_sentence(
    platform: Platform, script: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    person, answer = await card_for_ada(platform, script)

    async def refuse(*args: object, **kwargs: object) -> object:
        raise Rejected("booking", "the flight is sold out")

    monkeypatch.setattr(platform.executor, "decide", refuse)
    with pytest.raises(ProposalGone, match="sold out"):
        await person.confirm(answer)
    assert (await proposal(platform, answer)).status == "failed"


@pytest.mark.parametrize("other", [JONAS, CLARA], ids=str)
async def test_a_card_of_another_customer_is_unknown(platform: Platform, script: list[object], other: object) -> None:
    _, answer = await card_for_ada(platform, script)
    stranger = await talk(platform, customer(other))  # type: ignore[arg-type]
    with pytest.raises(CallerError):
        await platform.concierge.confirm(answer.proposals[0].id, stranger.speaker)
    assert (await proposal(platform, answer)).status == "pending"


async def test_a_card_made_before_another_person_signed_in_does_nothing_for_them(
    platform: Platform, script: list[object], codes: Codes
) -> None:
    person = await proved(platform, script, ADA, codes)
    script[:] = [[("cancel_booking", {"record_locator": ADA.locator})]]
    answer = await person.say(f"cancel {ADA.locator}")
    assert answer.proposals
    await platform.concierge.claim(person.conversation_id, customer(CLARA), str(person.speaker.secret))
    with pytest.raises(CallerError):
        await platform.concierge.confirm(answer.proposals[0].id, customer(CLARA))
    assert await status_of_ada(platform) == "confirmed"
    with pytest.raises(CallerError):
        await platform.concierge.confirm(answer.proposals[0].id, ANNA)


async def test_what_the_service_no_longer_knows_when_it_is_done_ends_the_card_in_a_sentence(
    platform: Platform, script: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    person, answer = await card_for_ada(platform, script)

    async def lose(*args: object, **kwargs: object) -> object:
        raise NotFound("booking")

    monkeypatch.setattr(type(platform.services.booking), "cancel", lose)
    with pytest.raises(ProposalGone, match="Nothing was changed"):
        await person.confirm(answer)
    assert (await proposal(platform, answer)).status == "failed"


async def test_a_message_about_a_childs_booking_goes_to_the_guardian_who_asks_for_it(
    platform: Platform, script: list[object]
) -> None:
    consents = await platform.services.consent.list_for(HANNAH.customer_id)
    script[:] = [
        [("send_notification", {"record_locator": HANNAH.locator, "template": "itinerary", "channel": "email"})]
    ]
    person = await talk(platform, customer(HANNAH))
    answer = await person.say(f"send me the itinerary of {HANNAH.locator}")
    is_open = any(c.granted and (c.purpose, c.channel) == ("service_notifications", "email") for c in consents)
    assert (answer.outcome.kind == "proposed") == is_open
    if is_open:
        assert (await person.confirm(answer)).proposal.status == "executed"
