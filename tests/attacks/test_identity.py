"""Who is speaking: secrets that were stolen, codes that are guessed, answers that would tell who flies with us."""

import asyncio
from dataclasses import replace

import pytest

from agent.answers import LoggedEvent
from agent.bootstrap import Platform
from agent.interface import Message
from tests.agent.talk import customer, talk
from tests.attacks.stage import SYSTEM, proved
from tests.conftest import Clock, Codes
from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.sandbox.people import ADA, CLARA, JONAS, VIKTOR

UNKNOWN = "ZZ9ZZ9"


async def test_a_stolen_secret_reads_no_further_once_its_owner_has_stepped_up(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform)
    thief, read = person.speaker, list[LoggedEvent]()

    async def follow() -> None:
        async for event in platform.concierge.events(person.conversation_id, thief, 0):
            read.append(event)

    following = asyncio.create_task(follow())
    script[:] = ["Hello.", "Thanks.", [("get_booking", {"record_locator": ADA.locator})], "Here it is."]
    await person.say("hello")
    await person.say(f"{ADA.locator}, {ADA.surname}")
    await person.say("what is in my booking?")
    await asyncio.wait_for(following, timeout=5)
    told = "\n".join(event.event.model_dump_json() for event in read)
    assert "Hello." in told
    assert "Here it is." not in told


async def test_a_message_sent_with_a_secret_that_was_rotated_meanwhile_is_not_answered_from_the_proof(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform)
    thief = person.speaker
    script[:] = ["Thanks.", [("get_booking", {"record_locator": ADA.locator})], "Here it is."]
    said = Message(conversation_id=person.conversation_id, text=f"{ADA.locator}, {ADA.surname}")
    asked = Message(conversation_id=person.conversation_id, text=f"what is in {ADA.locator}?")
    owners = await platform.concierge.handle(said, person.speaker)
    thiefs = await platform.concierge.handle(asked, thief)
    assert (await owners.answer()).secret
    answer = await thiefs.answer()
    assert answer.secret is None
    assert answer.outcome.kind == "identity_needed"
    assert len(script) == 2


async def test_a_message_sent_before_somebody_signed_in_is_not_answered_in_their_name(
    platform: Platform, script: list[object]
) -> None:
    person = await talk(platform)
    thief = person.speaker
    script[:] = ["Hello.", [("list_bookings", {})], "Here they are."]
    message = Message(conversation_id=person.conversation_id, text="list my bookings")
    first, second = [await platform.concierge.handle(message, thief) for _ in range(2)]
    await platform.concierge.claim(person.conversation_id, customer(ADA), str(thief.secret))
    for turn in (first, second):
        assert ADA.locator not in (await turn.answer()).message.text


@pytest.mark.parametrize("locator", [ADA.locator, UNKNOWN])
async def test_guesses_of_a_surname_are_counted_together_however_the_reference_is_written(
    platform: Platform, script: list[object], locator: str
) -> None:
    said = []
    for at in range(7):
        person = await talk(platform, Speaker(kind="anonymous", address=f"203.0.113.{at}"))
        typed = locator if at % 2 else locator.lower()
        script[:] = [[("verify_booking", {"record_locator": typed, "surname": f"Guess{'abcdefg'[at]}"})], "Sorry."]
        await person.say(f"is it {typed} for guess{'abcdefg'[at]} perhaps")
        transcript = await platform.stores.conversations.transcript(person.conversation_id)
        said.append([entry.text for entry in transcript if entry.role == "tool"][-1])
    assert ["too many" in text for text in said] == [False] * 5 + [True] * 2


async def test_a_lock_keeps_no_owner_out_who_has_signed_in(platform: Platform, script: list[object]) -> None:
    for at in range(8):
        script[:] = ["Sorry."]
        guesser = await talk(platform, Speaker(kind="anonymous", address=f"203.0.113.{at}"))
        await guesser.say(f"{ADA.locator}, Wrong")
    owner = await talk(platform, customer(ADA))
    script[:] = [[("get_booking", {"record_locator": ADA.locator})], "Here it is."]
    assert (await owner.say(f"show {ADA.locator}")).outcome.kind == "answered"


async def test_a_wrong_surname_and_an_unknown_reference_are_told_alike(
    platform: Platform, script: list[object]
) -> None:
    told = []
    for locator in (ADA.locator, UNKNOWN):
        script[:] = ["Sorry."]
        person = await talk(platform)
        await person.say(f"{locator}, Wrong")
        transcript = await platform.stores.conversations.transcript(person.conversation_id)
        told.append([entry.text for entry in transcript if entry.role == "tool"])
    assert told[0] == told[1]


@pytest.mark.parametrize("tool", ["get_booking", "check_eligibility", "list_resolutions", "cancel_booking"])
@pytest.mark.parametrize("speaker", [Speaker(kind="anonymous"), customer(JONAS)], ids=["anonymous", "customer"])
async def test_no_tool_tells_a_foreign_booking_from_an_unknown_one(
    platform: Platform, script: list[object], tool: str, speaker: Speaker
) -> None:
    told = []
    for locator in (ADA.locator, UNKNOWN):
        person = await talk(platform, speaker)
        arguments = {"record_locator": locator} | ({"action": "cancel_booking"} if tool == "check_eligibility" else {})
        script[:] = [[(tool, arguments)], "Sorry."]
        await person.say(f"what about {locator}")
        transcript = await platform.stores.conversations.transcript(person.conversation_id)
        told.append([entry.text.replace(locator, "?") for entry in transcript if entry.role == "tool"])
    assert told[0]
    assert told[0] == told[1]


async def test_a_code_of_one_conversation_opens_nothing_in_another(
    platform: Platform, script: list[object], codes: Codes
) -> None:
    owner, thief = await proved(platform, script, ADA), await proved(platform, script, ADA)
    for person in (thief, owner):
        script[:] = [[("send_code", {"record_locator": ADA.locator})], "Sent."]
        await person.say("send me a code")
    script[:] = ["Sorry."]
    await thief.say(codes.sent[-1])
    grants = await platform.stores.conversations.grants(thief.conversation_id)
    assert [grant.level for grant in grants] == ["booking"]


async def test_after_five_wrong_codes_the_right_one_is_worth_nothing(
    platform: Platform, script: list[object], codes: Codes
) -> None:
    person = await proved(platform, script, ADA)
    script[:] = [[("send_code", {"record_locator": ADA.locator})], "Sent."]
    await person.say("send me a code")
    for wrong in range(5):
        script[:] = ["Sorry."]
        await person.say(f"00000{wrong}")
    script[:] = ["Sorry."]
    await person.say(codes.sent[-1])
    grants = await platform.stores.conversations.grants(person.conversation_id)
    assert [grant.level for grant in grants] == ["booking"]


async def test_proof_of_one_booking_opens_no_other_and_lapses(
    platform: Platform, script: list[object], clock: Clock, codes: Codes
) -> None:
    person = await proved(platform, script, ADA, codes)
    script[:] = [[("get_booking", {"record_locator": VIKTOR.locator})], "Sorry."]
    assert (await person.say(f"show {VIKTOR.locator}")).outcome.kind == "identity_needed"
    clock.pass_by(minutes=31)
    script[:] = [[("get_booking", {"record_locator": ADA.locator})], "Sorry."]
    assert (await person.say(f"show {ADA.locator}")).outcome.kind == "identity_needed"


async def test_a_contact_changed_today_receives_no_codes(
    platform: Platform, script: list[object], codes: Codes
) -> None:
    thief = await talk(platform, customer(CLARA))
    script[:] = [[("update_profile", {"field": "email", "value": "thief@example.org"})]]
    card = await thief.say("change my email to thief@example.org")
    await thief.confirm(card)
    person = await proved(platform, script, CLARA)
    script[:] = [[("send_code", {"record_locator": CLARA.locator})], "Sent."]
    await person.say("send me a code")
    booking = await platform.services.booking.get(RecordLocator(CLARA.locator), subject=SYSTEM)
    assert booking.contact.email != "thief@example.org" or not codes.sent


async def test_somebody_with_the_same_name_from_another_sign_in_is_another(platform: Platform) -> None:
    mine = await talk(platform, customer(ADA))
    staff = Speaker(kind="staff", subject=str(ADA.customer_id), roles=frozenset({"agent"}))
    assert mine.conversation_id not in [c.id for c in await platform.concierge.conversations(staff)]
    with pytest.raises(Exception, match="not yours"):
        await platform.concierge.conversation(mine.conversation_id, replace(staff, roles=frozenset()))
