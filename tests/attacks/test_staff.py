"""Whoever has the case reads along; the customer's words and the customer's cards stay the customer's."""

import pytest

from agent.bootstrap import Platform
from agent.errors import CallerError
from agent.interface import Message
from tests.attacks.stage import ANNA, card_for_ada, proposal
from tests.conftest import NOON
from tools.context import TurnContext
from tools.domain.ids import ConversationId, MessageId
from tools.domain.outcomes import IdentityNeeded
from tools.sandbox.people import ADA


async def test_staff_neither_speak_nor_decide_in_the_customers_place(platform: Platform, script: list[object]) -> None:
    person, answer = await card_for_ada(platform, script)
    script[:] = [[("hand_off", {"reason": "help"})], "Fine."]
    handed = await person.say("I want to talk to a person")
    await platform.desk.take(str(handed.handoff.case_id), ANNA)
    words = Message(conversation_id=person.conversation_id, text="my new address is thief@example.org")
    with pytest.raises(CallerError):
        await (await platform.concierge.handle(words, ANNA)).answer()
    with pytest.raises(CallerError):
        await platform.concierge.decline(answer.proposals[0].id, ANNA)
    with pytest.raises(CallerError):
        await platform.concierge.confirm(answer.proposals[0].id, ANNA)
    assert (await proposal(platform, answer)).status == "pending"
    transcript = await platform.stores.conversations.transcript(person.conversation_id)
    assert all("thief" not in entry.text for entry in transcript)


@pytest.mark.parametrize("tool", ["get_profile", "get_consents", "list_bookings", "list_cases", "book_flight"])
async def test_what_needs_the_customer_themselves_is_not_done_for_staff_in_a_case(
    platform: Platform, tool: str
) -> None:
    turn = TurnContext(
        conversation_id=ConversationId("c"),
        message_id=MessageId("m"),
        speaker=ANNA,
        grants=(),
        said=(),
        now=NOON,
        case_id="CS1",
        case_customer=str(ADA.customer_id),
        case_locator=ADA.locator,
    )
    given = {"flight_number": "GA101", "date": "2026-06-20"} if tool == "book_flight" else {}
    ruling = await platform.executor.call(tool, given, turn)
    assert isinstance(ruling.outcome, IdentityNeeded)
