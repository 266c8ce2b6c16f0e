"""The main path over real parts: sandbox over HTTP, SQLite, Chroma, the loop; only the model is scripted."""

import asyncio

import pytest

from agent.answers import Answer
from agent.bootstrap import Platform
from agent.errors import BadMessage, Forbidden, KeyReused, ProposalGone, UnknownConversation, UnknownProposal
from agent.interface import Message
from agent.store.conversations import Entry
from tests.agent.talk import Talk, customer, talk
from tests.conftest import NOON, Clock, Codes, MakePlatform
from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.ports import Subject, Write
from tools.sandbox.people import ADA, JONAS, MARCO, YUKI, Persona

SYSTEM = Subject("system")


async def ask_to_cancel(platform: Platform, script: list[object], persona: Persona) -> tuple[Talk, Answer]:
    script += [[("list_bookings", {})], [("cancel_booking", {"record_locator": persona.locator})]]
    person = await talk(platform, customer(persona))
    return person, await person.say("please cancel my booking")


async def status_of(platform: Platform, locator: str) -> str:
    return (await platform.services.booking.get(RecordLocator(locator), subject=SYSTEM)).status


async def test_a_policy_question_is_answered_with_the_clause_that_holds_its_figure(
    platform: Platform, script: list[object]
) -> None:
    script += [[("search_policies", {"query": "cabin bag"})], "You may bring a cabin bag on board. [[BAG-CABIN]]"]
    answer = await (await talk(platform)).say("how big may my cabin bag be?")
    assert [c.clause_id for c in answer.message.citations] == ["BAG-CABIN"]
    assert answer.outcome.kind == "answered"
    assert platform.pack.clause("BAG-CABIN") is not None


async def test_a_clause_that_was_not_read_cannot_be_cited(platform: Platform, script: list[object]) -> None:
    script += ["You may bring a bag. [[BAG-CABIN]]"]
    answer = await (await talk(platform)).say("bag?")
    assert answer.message.citations == ()


async def test_cancelling_leads_to_a_card_with_the_refund_of_the_clause_and_changes_nothing(
    platform: Platform, script: list[object]
) -> None:
    _, answer = await ask_to_cancel(platform, script, ADA)
    card = answer.proposals[0]
    paid = (await platform.services.booking.get(RecordLocator(ADA.locator), subject=SYSTEM)).total_paid_minor
    assert {a.name: a.minor for a in card.amounts} == {"refund": paid - 2500, "fee": 2500}
    assert [c.clause_id for c in card.clauses] == ["CXL-FLEX"]
    assert card.confirm_phrase == f"cancel {ADA.locator}"
    assert await status_of(platform, ADA.locator) == "confirmed"


async def test_five_confirmations_at_once_cancel_once_and_answer_alike(
    platform: Platform, script: list[object]
) -> None:
    person, answer = await ask_to_cancel(platform, script, ADA)
    done = await asyncio.gather(*(person.confirm(answer) for _ in range(5)))
    assert len({d.model_dump_json(exclude={"message": {"at"}}) for d in done}) == 1
    booking = await platform.services.booking.get(RecordLocator(ADA.locator), subject=SYSTEM)
    assert booking.status == "cancelled"
    assert booking.refunded_minor == booking.total_paid_minor - 2500


async def test_declining_changes_nothing_and_the_card_is_closed(platform: Platform, script: list[object]) -> None:
    person, answer = await ask_to_cancel(platform, script, ADA)
    await platform.concierge.decline(answer.proposals[0].id, person.speaker)
    with pytest.raises(ProposalGone):
        await person.confirm(answer)
    assert await status_of(platform, ADA.locator) == "confirmed"


async def test_a_non_refundable_booking_is_refused_under_its_clause(platform: Platform, script: list[object]) -> None:
    _, answer = await ask_to_cancel(platform, script, JONAS)
    assert answer.outcome.kind == "refused"
    assert answer.outcome.clause_id == "CXL-LIGHT"
    assert answer.proposals == ()


async def test_another_customers_booking_is_refused_like_one_that_does_not_exist(
    platform: Platform, script: list[object]
) -> None:
    said = []
    for locator in (ADA.locator, "ZZ9ZZ9"):
        script += [[("cancel_booking", {"record_locator": locator})]]
        answer = await (await talk(platform, customer(JONAS))).say(f"cancel {locator}")
        said.append((answer.outcome.kind, answer.proposals))
    assert said == [("refused", ()), ("refused", ())]
    assert await status_of(platform, ADA.locator) == "confirmed"


async def test_a_locator_that_nobody_typed_and_no_record_showed_has_no_source(
    platform: Platform, script: list[object]
) -> None:
    script += [[("cancel_booking", {"record_locator": ADA.locator})], "Which booking?"]
    answer = await (await talk(platform, customer(ADA))).say("cancel it")
    assert answer.proposals == ()


async def test_only_the_phrase_right_after_the_card_confirms_what_cannot_be_undone(
    platform: Platform, script: list[object]
) -> None:
    person, _ = await ask_to_cancel(platform, script, ADA)
    again = await person.say("yes")
    assert again.outcome.kind == "proposed"
    assert await status_of(platform, ADA.locator) == "confirmed"
    done = await person.say(f"Cancel {ADA.locator.lower()}")
    assert done.proposals[0].status == "executed"
    assert await status_of(platform, ADA.locator) == "cancelled"


@pytest.mark.parametrize("words", ["yes but change the date", "you must not", "yesterday", "what does it cost?"])
async def test_what_is_not_plainly_a_yes_confirms_nothing(platform: Platform, script: list[object], words: str) -> None:
    person, _ = await ask_to_cancel(platform, script, ADA)
    await person.say(words)
    assert await status_of(platform, ADA.locator) == "confirmed"


async def test_a_card_expires_after_a_quarter_of_an_hour(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    person, answer = await ask_to_cancel(platform, script, ADA)
    clock.pass_by(minutes=15)
    with pytest.raises(ProposalGone, match="expired"):
        await person.confirm(answer)
    assert await status_of(platform, ADA.locator) == "confirmed"


async def test_a_decision_that_changed_since_the_card_executes_nothing(
    platform: Platform, script: list[object], clock: Clock
) -> None:
    clock.pass_by(hours=18, minutes=50)  # booked five hours before the clock began: ten minutes are left
    person, answer = await ask_to_cancel(platform, script, MARCO)
    clock.pass_by(minutes=11)
    with pytest.raises(ProposalGone, match="no longer possible"):
        await person.confirm(answer)
    assert await status_of(platform, MARCO.locator) == "confirmed"


async def test_a_booking_changed_elsewhere_since_the_card_shows_a_new_card(
    platform: Platform, script: list[object]
) -> None:
    person, answer = await ask_to_cancel(platform, script, ADA)
    locator = RecordLocator(ADA.locator)
    booking = await platform.services.booking.get(locator, subject=SYSTEM)
    passenger = booking.passengers[0]
    await platform.services.booking.correct_name(
        locator,
        passenger.passenger_id,
        given_name=passenger.given_name,
        surname=f"{passenger.surname}e",
        write=Write(key="elsewhere", subject=SYSTEM, if_match=booking.version),
    )
    with pytest.raises(ProposalGone) as gone:
        await person.confirm(answer)
    assert await status_of(platform, ADA.locator) == "confirmed"
    assert gone.value.proposal is not None
    await platform.concierge.confirm(gone.value.proposal.id, person.speaker)
    assert await status_of(platform, ADA.locator) == "cancelled"


async def test_an_anonymous_person_steps_up_by_surname_and_code_and_the_secret_rotates(
    platform: Platform, script: list[object], codes: Codes
) -> None:
    person = await talk(platform)
    first = person.speaker.secret
    script += [[("cancel_booking", {"record_locator": ADA.locator})], "Please give me the surname."]
    assert (await person.say(f"cancel {ADA.locator} please")).outcome.kind == "identity_needed"
    script += [[("cancel_booking", {"record_locator": ADA.locator})], [("send_code", {"record_locator": ADA.locator})]]
    script += ["I have sent you a code."]
    assert (await person.say(f"{ADA.locator}, {ADA.surname}")).outcome.kind == "identity_needed"
    script += [[("cancel_booking", {"record_locator": ADA.locator})]]
    answer = await person.say(codes.sent[-1])
    assert answer.outcome.kind == "proposed"
    view = await platform.concierge.conversation(person.conversation_id, person.speaker)
    assert codes.sent[-1] not in view.model_dump_json()
    assert "[code]" in [m.text for m in view.messages]
    stolen = Speaker(kind="anonymous", secret=first)
    with pytest.raises(UnknownConversation):
        await platform.concierge.conversation(person.conversation_id, stolen)
    await person.confirm(answer)
    assert await status_of(platform, ADA.locator) == "cancelled"


async def test_a_wrong_surname_and_an_unknown_locator_answer_alike_and_lock_after_five(
    platform: Platform, script: list[object]
) -> None:
    for locator in (ADA.locator, "ZZ9ZZ9"):
        person = await talk(platform)
        person.speaker = Speaker(kind="anonymous", secret=person.speaker.secret, address=f"203.0.113.{ord(locator[0])}")
        outcomes = []
        for _ in range(6):
            script += ["Please check."]
            await person.say(f"{locator}, surname Nobody")
            transcript = await platform.stores.conversations.transcript(person.conversation_id)
            outcomes.append([e.text for e in transcript if e.role == "tool"][-1])
        assert len(set(outcomes[:5])) == 1
        assert "too many attempts" in outcomes[5]


async def test_a_code_works_for_ten_minutes_and_five_attempts(
    platform: Platform, script: list[object], clock: Clock, codes: Codes
) -> None:
    person = await talk(platform)
    script += [[("send_code", {"record_locator": ADA.locator})], "Sent."]
    await person.say(f"{ADA.locator}, {ADA.surname}")
    clock.pass_by(minutes=10)
    script += ["Hm."]
    await person.say(codes.sent[-1])
    assert all(g.level == "booking" for g in await platform.stores.conversations.grants(person.conversation_id))


async def test_proof_of_one_booking_serves_no_other(platform: Platform, script: list[object]) -> None:
    person = await talk(platform)
    script += ["Found it."]
    await person.say(f"{ADA.locator}, {ADA.surname}")
    script += [[("get_booking", {"record_locator": YUKI.locator})], "No."]
    assert (await person.say(f"show me {YUKI.locator}")).outcome.kind == "identity_needed"


async def test_a_grant_lapses_after_thirty_idle_minutes(platform: Platform, script: list[object], clock: Clock) -> None:
    person = await talk(platform)
    script += ["Found it."]
    await person.say(f"{ADA.locator}, {ADA.surname}")
    clock.pass_by(minutes=30)
    script += [[("get_booking", {"record_locator": ADA.locator})], "No."]
    assert (await person.say("show me my booking")).outcome.kind == "identity_needed"


async def test_a_hand_off_opens_a_case_and_the_bot_falls_silent(platform: Platform, script: list[object]) -> None:
    person = await talk(platform, customer(ADA))
    script += [[("hand_off", {"reason": "wants a person"})], "I have more to say."]
    answer = await person.say("I want a person")
    assert script == ["I have more to say."]
    assert answer.handoff.state == "queued"
    assert answer.handoff.case_id in [c.case_id for c in await platform.services.cases.queue()]
    silent = await person.say("are you there?")
    assert silent.message.text == ""
    assert silent.handoff.state == "queued"


async def test_the_same_idempotency_key_is_one_turn_and_another_text_is_refused(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform)
    script += ["Hello there."]
    first = await person.say("hello", key="k1")
    assert await person.say("hello", key="k1") == first
    with pytest.raises(KeyReused):
        await person.say("goodbye", key="k1")


@pytest.mark.parametrize(("text", "why"), [(" ", "empty"), ("x" * 4001, "4001"), ("a\x00b", "control")])
async def test_a_bad_message_is_refused_with_its_reason(platform: Platform, text: str, why: str) -> None:
    person = await talk(platform)
    with pytest.raises(BadMessage, match=why):
        await person.say(text)


async def test_somebody_elses_conversation_and_proposal_are_unknown(platform: Platform, script: list[object]) -> None:
    person, answer = await ask_to_cancel(platform, script, ADA)
    with pytest.raises(UnknownConversation):
        await platform.concierge.conversation(person.conversation_id, customer(JONAS))
    with pytest.raises(UnknownProposal):
        await platform.concierge.confirm(answer.proposals[0].id, customer(JONAS))
    with pytest.raises(UnknownConversation):
        await platform.concierge.handle(Message(conversation_id="c_nothing", text="hi"), person.speaker)


async def test_claiming_binds_the_conversation_and_kills_the_secret(platform: Platform, script: list[object]) -> None:
    person = await talk(platform)
    secret = person.speaker.secret or ""
    await platform.concierge.claim(person.conversation_id, customer(ADA), secret)
    with pytest.raises(UnknownConversation):
        await platform.concierge.conversation(person.conversation_id, person.speaker)
    view = await platform.concierge.conversation(person.conversation_id, customer(ADA))
    assert view.id == person.conversation_id
    with pytest.raises(Forbidden):
        await platform.concierge.claim(person.conversation_id, person.speaker, secret)


async def test_an_accepted_message_is_answered_after_a_restart(
    make_platform: MakePlatform, script: list[object]
) -> None:
    async with make_platform() as platform:
        person = await talk(platform, customer(ADA))
        await platform.stores.conversations.accept(
            await platform.stores.conversations.get(person.conversation_id, person.speaker),
            Entry(id="m_1", turn_id="m_1", role="customer", text="hello", at=NOON),
            key=None,
            address="",
        )
    script += ["Hello again."]
    async with make_platform() as platform:
        await platform.concierge.close()
        view = await platform.concierge.conversation(person.conversation_id, customer(ADA))
    assert [m.text for m in view.messages] == ["hello", "Hello again."]
