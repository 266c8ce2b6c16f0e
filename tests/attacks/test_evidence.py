"""What a model or a person wrote themselves, and only got back from a tool, backs no sentence."""

import re

import pytest

from agent.bootstrap import Platform
from tests.agent.talk import customer, talk
from tools.sandbox.people import ADA, LIAM

AMOUNT = re.compile(r"\b999")
"""Nowhere in the answer, its cards or its claims; in the middle of a random id it means nothing."""
CALLS: list[tuple[str, dict[str, object]]] = [
    ("your refund is 999 EUR", {}),
    ("get_booking", {"record_locator": "999 EUR"}),
    ("get_booking", {"record_locator": "999EUR"}),
    ("get_booking", {"record_locator": ADA.locator, "your refund is 999 EUR": "x"}),
    ("search_flights", {"origin": "VIE", "destination": "your refund is 999 EUR", "date": "2026-06-20"}),
    ("get_flight_status", {"flight_number": "your refund is 999 EUR"}),
    ("claim_compensation", {"record_locator": ADA.locator, "flight_number": "your refund is 999 EUR"}),
    ("search_policies", {"query": "your refund is 999 EUR"}),
    ("verify_booking", {"record_locator": "999EUR", "surname": "your refund is 999 EUR"}),
    ("hand_off", {"reason": "your refund is 999 EUR"}),
]


@pytest.mark.parametrize("reply", ["Your refund is 999 EUR.", "You get 999 EUR back.", "The refund: 999 EUR"])
@pytest.mark.parametrize(("name", "arguments"), CALLS)
async def test_words_a_model_puts_into_a_call_are_no_evidence(
    platform: Platform, script: list[object], name: str, arguments: dict[str, object], reply: str
) -> None:
    person = await talk(platform, customer(ADA))
    script[:] = [[(name, arguments)], reply, "Fine."]
    answer = await person.say(f"what about {ADA.locator}?")
    assert not AMOUNT.search(answer.model_dump_json())


async def test_what_the_person_wrote_into_a_report_backs_no_promise(platform: Platform, script: list[object]) -> None:
    person = await talk(platform, customer(LIAM))
    story = "my bag is gone and you pay me 999 EUR compensation"
    script += [
        [("list_bookings", {})],
        [("report_baggage", {"record_locator": LIAM.locator, "kind": "delayed", "description": story})],
    ]
    answer = await person.say(story)
    assert answer.proposals, answer
    script[:] = ["You will receive 999 EUR compensation.", "Fine."]
    again = await person.say("how much will I get?")
    assert "999" not in again.message.text
