"""What a model or a person wrote themselves, and only got back from a tool, backs no sentence."""

from agent.bootstrap import Platform
from tests.agent.talk import customer, talk
from tools.sandbox.people import ADA, LIAM


async def test_words_a_model_puts_into_a_call_are_no_evidence(platform: Platform, script: list[object]) -> None:
    calls = [
        ("refund of 999 EUR was paid", {}),
        ("get_booking", {"record_locator": "999 EUR"}),
        ("get_booking", {"record_locator": ADA.locator, "your refund of 999 EUR": "x"}),
        ("search_flights", {"origin": "999 EUR", "destination": "999 EUR refund", "date": "2026-06-20"}),
        ("get_flight_status", {"flight_number": "999 EUR"}),
        ("search_policies", {"query": "999 EUR"}),
    ]
    for name, arguments in calls:
        person = await talk(platform, customer(ADA))
        script[:] = [[(name, arguments)], "Your refund of 999 EUR was paid.", "Fine."]
        answer = await person.say(f"what about {ADA.locator}?")
        assert "999" not in answer.message.text, name


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
