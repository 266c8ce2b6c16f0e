"""Every tool over the embedded airline: granted, refused, and at its boundary. The model is scripted, the rest real."""

import json

import pytest

from agent.answers import Answer
from agent.bootstrap import Platform
from agent.errors import ProposalGone
from tests.agent.talk import Talk, customer, talk
from tests.conftest import Clock
from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.domain.records import Booking
from tools.ports import Subject
from tools.sandbox import people
from tools.sandbox.people import Persona

SYSTEM = Subject("system")


async def booking(platform: Platform, persona: Persona) -> Booking:
    return await platform.services.booking.get(RecordLocator(persona.locator), subject=SYSTEM)


async def told(person: Talk) -> dict[str, object]:
    """What the last tool of the conversation told the model."""
    transcript = await person.platform.stores.conversations.transcript(person.conversation_id)
    body: dict[str, object] = json.loads([entry.text for entry in transcript if entry.role == "tool"][-1])
    return body


async def call(
    platform: Platform, script: list[object], speaker: Speaker, words: str, name: str, **arguments: object
) -> tuple[Talk, Answer]:
    """A person says something and the model makes this one call of it."""
    person = await talk(platform, speaker)
    script.clear()
    script += [[(name, arguments)]]
    return person, await person.say(words)


async def test_profile_is_read_masked_and_social_interests_need_consent(
    platform: Platform, script: list[object]
) -> None:
    person, _ = await call(platform, script, customer(people.CLARA), "my profile", "get_profile")
    body = json.dumps(await told(person))
    assert people.CLARA.email not in body
    assert all(interest not in body for interest in people.PAUL.interests)


async def test_profile_needs_a_signed_in_customer(platform: Platform, script: list[object]) -> None:
    _, answer = await call(platform, script, Speaker(kind="anonymous"), "my profile", "get_profile")
    assert answer.outcome.kind == "identity_needed"


async def test_flights_are_found_for_anyone(platform: Platform, script: list[object], clock: Clock) -> None:
    when = (clock.now.date()).isoformat()
    args = {"origin": "VIE", "destination": "BCN", "date": when}
    person, answer = await call(
        platform, script, Speaker(kind="anonymous"), "vienna to barcelona", "search_flights", **args
    )
    assert answer.outcome.kind == "answered"
    assert "GA101" in str((await told(person))["say"])


@pytest.mark.parametrize("tool", ["list_cases", "get_consents", "list_bookings"])
async def test_reads_of_a_customer_answer_for_their_owner(platform: Platform, script: list[object], tool: str) -> None:
    _, answer = await call(platform, script, customer(people.ADA), "show me", tool)
    assert answer.outcome.kind == "answered"


async def test_a_changed_contact_needs_the_phrase_and_warns_the_old_one(
    platform: Platform, script: list[object]
) -> None:
    args = {"field": "email", "value": "ada.new@example.org"}
    words = "change my email to ada.new@example.org"
    person, answer = await call(platform, script, customer(people.ADA), words, "update_profile", **args)
    assert answer.proposals[0].confirm_phrase == "change my email"
    await person.confirm(answer)
    profile = await platform.services.profile.get(people.ADA.customer_id)
    assert profile.email == "ada.new@example.org"


async def test_an_address_nobody_typed_has_no_source(platform: Platform, script: list[object]) -> None:
    args = {"field": "email", "value": "thief@example.org"}
    person, answer = await call(platform, script, customer(people.ADA), "change my email", "update_profile", **args)
    assert answer.proposals == ()
    assert (await told(person))["outcome"] == "invalid"


async def test_granting_a_consent_is_confirmed_and_taking_it_back_works_at_once(
    platform: Platform, script: list[object]
) -> None:
    args = {"purpose": "marketing", "channel": "email", "granted": True}
    words = "please send me offers by email"
    person, answer = await call(platform, script, customer(people.PAUL), words, "set_consent", **args)
    mine = await platform.services.consent.list_for(people.PAUL.customer_id)
    assert not any(c.granted and c.purpose == "marketing" for c in mine)
    await person.confirm(answer)
    mine = await platform.services.consent.list_for(people.PAUL.customer_id)
    assert any(c.granted and (c.purpose, c.channel) == ("marketing", "email") for c in mine)
    script += ["All right."]
    await person.say("stop emailing me offers")
    mine = await platform.services.consent.list_for(people.PAUL.customer_id)
    assert not any(c.granted and c.purpose == "marketing" for c in mine)


async def test_a_closed_channel_receives_nothing(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.PAUL.locator, "template": "itinerary", "channel": "sms"}
    words = f"send the itinerary of {people.PAUL.locator} by sms"
    _, answer = await call(platform, script, customer(people.PAUL), words, "send_notification", **args)
    assert answer.outcome.kind == "refused"


async def test_a_withdrawn_consent_closes_the_channel_of_a_notice_already_proposed(
    platform: Platform, script: list[object]
) -> None:
    args = {"record_locator": people.PAUL.locator, "template": "itinerary", "channel": "email"}
    words = f"send the itinerary of {people.PAUL.locator} by email"
    person, answer = await call(platform, script, customer(people.PAUL), words, "send_notification", **args)
    assert answer.outcome.kind == "proposed", answer
    script += ["All right."]
    await person.say("stop sending me service notifications by email")
    with pytest.raises(ProposalGone):
        await person.confirm(answer)


async def test_a_flex_flight_moves_to_another_day_for_the_difference(platform: Platform, script: list[object]) -> None:
    before = (await booking(platform, people.ADA)).segments[0]
    day = before.flight_date.replace(day=before.flight_date.day + 1)
    args = {"record_locator": people.ADA.locator, "flight_number": before.flight_number, "new_date": day.isoformat()}
    words = f"move {before.flight_number} of {people.ADA.locator} to {day.isoformat()}"
    person, answer = await call(platform, script, customer(people.ADA), words, "change_flight", **args)
    assert answer.outcome.kind == "proposed", await told(person)
    await person.confirm(answer)
    assert (await booking(platform, people.ADA)).segments[0].flight_date == day


async def test_a_light_fare_cannot_be_changed(platform: Platform, script: list[object]) -> None:
    before = (await booking(platform, people.JONAS)).segments[0]
    day = before.flight_date.replace(day=before.flight_date.day + 1)
    args = {"record_locator": people.JONAS.locator, "flight_number": before.flight_number, "new_date": day.isoformat()}
    words = f"move {before.flight_number} of {people.JONAS.locator} to {day.isoformat()}"
    _, answer = await call(platform, script, customer(people.JONAS), words, "change_flight", **args)
    assert answer.outcome.kind == "refused"
    assert answer.outcome.clause_id == "CHG-LIGHT"


async def test_a_bag_is_added_at_the_price_of_its_clause(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.ADA.locator, "kind": "bag"}
    person, answer = await call(
        platform, script, customer(people.ADA), f"a bag for {people.ADA.locator}", "add_ancillary", **args
    )
    assert answer.outcome.kind == "proposed", await told(person)
    await person.confirm(answer)
    assert [a.kind for a in (await booking(platform, people.ADA)).ancillaries] == ["bag"]


async def test_what_is_not_offered_is_told_with_what_is(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.ADA.locator, "kind": "meal", "detail": "KSML"}
    person, answer = await call(
        platform, script, customer(people.ADA), f"a kosher meal for {people.ADA.locator}", "add_ancillary", **args
    )
    assert answer.outcome.kind == "facts_needed"
    assert "Vegan meal, Gluten-free meal" in str((await told(person))["say"])
    assert not (await booking(platform, people.ADA)).ancillaries


async def test_a_typing_error_in_a_name_is_corrected_after_the_phrase(platform: Platform, script: list[object]) -> None:
    surname = f"{people.ADA.surname}e"
    args = {"record_locator": people.ADA.locator, "passenger": people.ADA.surname, "corrected_name": surname}
    words = f"my name {people.ADA.surname} in {people.ADA.locator} is misspelt, it should be {surname}"
    person, answer = await call(platform, script, customer(people.ADA), words, "correct_name", **args)
    assert answer.outcome.kind == "proposed", await told(person)
    await person.confirm(answer)
    assert (await booking(platform, people.ADA)).passengers[0].surname == surname


async def test_a_missing_bag_is_reported_once(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.LIAM.locator, "kind": "delayed"}
    words = f"my bag did not arrive, booking {people.LIAM.locator}"
    person, answer = await call(platform, script, customer(people.LIAM), words, "report_baggage", **args)
    assert answer.outcome.kind == "proposed", await told(person)
    await person.confirm(answer)
    claims = await platform.services.compensation.list_for(people.LIAM.customer_id)
    assert [c.kind for c in claims] == ["baggage_delayed"]


async def test_no_bag_can_be_missing_before_a_flight_has_landed(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.ADA.locator, "kind": "lost"}
    words = f"you lost my bag, {people.ADA.locator}"
    person, answer = await call(platform, script, customer(people.ADA), words, "report_baggage", **args)
    assert answer.proposals == ()
    assert (await told(person))["outcome"] == "invalid"


async def test_goodwill_is_for_staff_only(platform: Platform, script: list[object]) -> None:
    args = {"kind": "voucher", "amount": 50}
    _, answer = await call(platform, script, customer(people.ADA), "give me 50 euros", "issue_goodwill", **args)
    assert answer.outcome.kind == "identity_needed"


async def test_an_overdue_refund_is_put_before_the_others(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.INGRID.locator}
    words = f"where is my refund for {people.INGRID.locator}?"
    person, answer = await call(platform, script, customer(people.INGRID), words, "request_refund", **args)
    assert answer.outcome.clause_id == "REF-OVERDUE"
    await person.confirm(answer)
    refunds = await platform.services.payment.refunds(RecordLocator(people.INGRID.locator), subject=SYSTEM)
    assert any(refund.expedited for refund in refunds)


async def test_compensation_is_claimed_for_every_passenger_at_the_sum_of_the_law(
    platform: Platform, script: list[object]
) -> None:
    args = {"record_locator": people.SOFIA.locator}
    words = f"I want compensation for {people.SOFIA.locator}"
    person, answer = await call(platform, script, customer(people.SOFIA), words, "claim_compensation", **args)
    assert answer.outcome.clause_id == "EC261-DELAY"
    await person.confirm(answer)
    claims = await platform.services.compensation.list_for(people.SOFIA.customer_id)
    assert [(c.kind, c.amount_minor, c.currency) for c in claims] == [("compensation", 40000, "EUR")]
    _, again = await call(platform, script, customer(people.SOFIA), words, "claim_compensation", **args)
    assert again.outcome.kind == "refused"


async def test_a_cancelled_flight_is_rebooked_free_of_charge(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.EMMA.locator}
    words = f"my flight was cancelled, rebook {people.EMMA.locator}"
    person, answer = await call(platform, script, customer(people.EMMA), words, "rebook_disrupted", **args)
    assert answer.outcome.kind == "proposed", await told(person)
    done = await person.confirm(answer)
    assert done.proposal.status == "executed"


async def test_a_flight_that_goes_as_planned_is_not_rebooked(platform: Platform, script: list[object]) -> None:
    leg = (await booking(platform, people.ADA)).segments[0]
    args = {"record_locator": people.ADA.locator, "flight_number": leg.flight_number}
    words = f"rebook {leg.flight_number} of {people.ADA.locator}"
    _, answer = await call(platform, script, customer(people.ADA), words, "rebook_disrupted", **args)
    assert answer.proposals == ()


async def test_a_flight_is_booked_with_the_stored_method_once(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    args = {"flight_number": "GA101", "date": "2026-07-20"}
    words = "book me GA101 on 2026-07-20"
    person, answer = await call(platform, script, customer(people.ADA), words, "book_flight", **args)
    assert answer.outcome.kind == "proposed", await told(person)
    await person.confirm(answer)
    await person.confirm(answer)
    assert len(await platform.services.booking.list_for(people.ADA.customer_id)) == 2


async def test_an_offer_is_personal_only_with_consent(platform: Platform, script: list[object]) -> None:
    person, _ = await call(platform, script, customer(people.PAUL), "what could I add?", "recommend_offers")
    assert "only if you agree" in str((await told(person))["say"])


async def test_a_guardian_acts_for_a_minor_and_a_stranger_does_not(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.HANNAH.locator}
    words = f"show {people.HANNAH.locator}"
    _, answer = await call(platform, script, customer(people.HANNAH), words, "get_booking", **args)
    assert answer.outcome.kind == "answered"
    _, answer = await call(platform, script, customer(people.ADA), words, "get_booking", **args)
    assert answer.outcome.kind == "refused"


async def test_eligibility_is_told_without_a_proposal(platform: Platform, script: list[object]) -> None:
    args = {"record_locator": people.ADA.locator, "action": "cancel_booking"}
    words = f"how much would I get back for {people.ADA.locator}?"
    _, answer = await call(platform, script, customer(people.ADA), words, "check_eligibility", **args)
    assert answer.outcome.kind == "answered"
    assert answer.proposals == ()
    args["record_locator"] = people.JONAS.locator
    _, answer = await call(
        platform, script, customer(people.JONAS), f"{people.JONAS.locator}?", "check_eligibility", **args
    )
    assert answer.outcome.clause_id == "CXL-LIGHT"
