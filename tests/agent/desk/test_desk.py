"""Staff over real parts: hand-off, options, accept, approve, give back. Only the customer's model is scripted."""

import pytest

from agent.bootstrap import Platform
from agent.errors import CaseTaken, Forbidden, ProposalGone, UnknownConversation
from agent.interface import ResolutionRequest
from tests.agent.talk import Talk, customer, talk
from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.ports import Subject
from tools.sandbox.people import ADA, EMMA, JONAS, Persona

ANNA = Speaker(kind="staff", subject="agent-anna", roles=frozenset({"agent"}), name="Anna")
BEN = Speaker(kind="staff", subject="agent-ben", roles=frozenset({"agent"}), name="Ben")
CHIEF = Speaker(kind="staff", subject="supervisor-sam", roles=frozenset({"supervisor"}), name="Sam")


async def hand_off(platform: Platform, script: list[object], persona: Persona, words: str) -> tuple[Talk, str]:
    person = await talk(platform, customer(persona))
    script += [[("hand_off", {"reason": words})]]
    answer = await person.say(words)
    return person, str(answer.handoff.case_id)


async def test_a_handed_over_conversation_stands_in_the_queue_with_its_transcript(
    platform: Platform, script: list[object]
) -> None:
    _, case_id = await hand_off(platform, script, EMMA, "my flight was cancelled, I want a person")
    assert case_id in [case.case_id for case in await platform.desk.queue(ANNA)]
    view = await platform.desk.case(case_id, ANNA)
    assert view.transcript[0].text == "my flight was cancelled, I want a person"
    assert view.customer.verified == "authenticated"
    assert view.customer.name == f"{EMMA.given_name} {EMMA.surname}"


async def test_two_agents_taking_one_case_at_once_one_has_it_and_the_other_is_told_by_whom(
    platform: Platform, script: list[object]
) -> None:
    _, case_id = await hand_off(platform, script, EMMA, "a person please")
    await platform.desk.take(case_id, ANNA)
    with pytest.raises(CaseTaken, match="agent-anna"):
        await platform.desk.take(case_id, BEN)
    assert (await platform.desk.take(case_id, ANNA)).assignee == "agent-anna"


async def test_the_bot_is_silent_while_a_colleague_writes_and_speaks_again_after_the_case_is_closed(
    platform: Platform, script: list[object]
) -> None:
    person, case_id = await hand_off(platform, script, EMMA, "a person please")
    await platform.desk.take(case_id, ANNA)
    await platform.desk.message(case_id, "Hello, this is Anna.", ANNA)
    assert (await person.say("hi Anna")).message.text == ""
    await platform.desk.close(case_id, ANNA)
    script += ["Good to have you back."]
    answer = await person.say("hello again")
    assert answer.message.text == "Good to have you back."
    assert answer.handoff.state == "none"


async def test_giving_back_puts_the_case_into_the_queue_and_the_bot_stays_silent(
    platform: Platform, script: list[object]
) -> None:
    person, case_id = await hand_off(platform, script, EMMA, "a person please")
    await platform.desk.take(case_id, ANNA)
    await platform.desk.give_back(case_id, ANNA)
    assert (await person.say("hello?")).message.text == ""
    assert (await platform.desk.take(case_id, BEN)).assignee == "agent-ben"


async def test_staff_without_the_case_cannot_read_the_conversation(platform: Platform, script: list[object]) -> None:
    person, case_id = await hand_off(platform, script, EMMA, "a person please")
    with pytest.raises(UnknownConversation):
        await platform.concierge.conversation(person.conversation_id, ANNA)
    await platform.desk.take(case_id, ANNA)
    assert (await platform.concierge.conversation(person.conversation_id, ANNA)).id == person.conversation_id


async def test_customers_have_no_desk(platform: Platform) -> None:
    with pytest.raises(Forbidden):
        await platform.desk.queue(customer(ADA))


async def test_a_cancelled_flight_offers_another_flight_first_and_the_customer_confirms_it(
    platform: Platform, script: list[object]
) -> None:
    person, case_id = await hand_off(platform, script, EMMA, "my flight was cancelled, help")
    await platform.desk.take(case_id, ANNA)
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    assert resolution.situation == "cancelled"
    first = resolution.options[0]
    assert (first.action, first.confirmed_by) == ("rebook_disrupted", "customer")
    assert first.clauses
    accepted = await platform.deciding.accept(resolution.id, first.id, ANNA)
    assert accepted.proposal is not None
    assert accepted.proposal.status == "pending"
    executed = await platform.concierge.confirm(accepted.proposal.id, person.speaker)
    assert executed.proposal.status == "executed"
    booking = await platform.services.booking.get(RecordLocator(EMMA.locator), subject=Subject("system"))
    assert all(leg.status != "cancelled" for leg in booking.segments[:1])
    view = await platform.concierge.conversation(person.conversation_id, person.speaker)
    assert first.reply in [m.text for m in view.messages if m.role == "agent"]


async def test_an_option_is_decided_once(platform: Platform, script: list[object]) -> None:
    _, case_id = await hand_off(platform, script, EMMA, "my flight was cancelled, help")
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    option = resolution.options[0].id
    await platform.deciding.reject(resolution.id, option, ANNA, reason="the caller wants the money")
    with pytest.raises(ProposalGone, match="already"):
        await platform.deciding.accept(resolution.id, option, BEN)
    [kept] = await platform.stores.resolutions.verdicts()
    assert (kept.verdict, kept.reason) == ("rejected", "the caller wants the money")


async def test_an_ineligible_option_is_listed_with_its_clause_and_cannot_be_executed(
    platform: Platform, script: list[object]
) -> None:
    _, case_id = await hand_off(platform, script, JONAS, "I booked the same trip twice by mistake")
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    assert resolution.situation == "duplicate_booking"
    refused = next(option for option in resolution.ineligible if option.action == "cancel_booking")
    assert [c.clause_id for c in refused.clauses] == ["CXL-LIGHT"]
    with pytest.raises(Forbidden):
        await platform.deciding.accept(resolution.id, refused.id, ANNA)


async def test_goodwill_within_the_agents_authority_is_given_in_one_click(
    platform: Platform, script: list[object]
) -> None:
    _, case_id = await hand_off(platform, script, ADA, "your crew was rude to me, I am furious")
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    assert resolution.situation == "complaint_service"
    first = resolution.options[0]
    assert (first.action, first.confirmed_by) == ("issue_goodwill", "staff")
    accepted = await platform.deciding.accept(resolution.id, first.id, ANNA)
    assert accepted.proposal is not None
    assert accepted.proposal.status == "executed"
    claims = await platform.services.compensation.list_for(ADA.customer_id)
    assert [c.kind for c in claims] == ["goodwill_voucher"]


async def test_a_caller_without_a_conversation_is_served_on_their_word(platform: Platform) -> None:
    request = ResolutionRequest(record_locator=ADA.locator, reason="caller booked twice, wants to cancel")
    resolution = await platform.concierge.resolve(request, ANNA)
    assert resolution.situation == "duplicate_booking"
    assert {option.confirmed_by for option in (*resolution.options, *resolution.ineligible)} == {"staff"}
    assert resolution.case_id in [case.case_id for case in await platform.desk.queue(ANNA)]


async def test_the_customer_sees_the_same_options_without_cost_or_utility(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform, customer(EMMA))
    script += [[("list_bookings", {})], [("list_resolutions", {"record_locator": EMMA.locator})], "See above."]
    await person.say("what are my options?")
    transcript = await platform.stores.conversations.transcript(person.conversation_id)
    told = [entry.text for entry in transcript if entry.role == "tool"][-1]
    assert "Rebook free of charge" in told
    assert "utility" not in told
    assert "goodwill" not in told
