from typing import Any

import pytest

from agent.embedded.model import EmbeddedChatModel
from tests.agent.embedded.stage import PROPOSED, Stage, done, refused

LONDON: dict[str, Any] = {
    "record_locator": "Y2TA4N",
    "status": "confirmed",
    "route": "VIE - LHR - VIE",
    "departs_at": "2026-12-15T05:20:00+00:00",
}
AMSTERDAM = LONDON | {"record_locator": "Y7TB9N", "route": "VIE - AMS - VIE", "departs_at": "2027-01-03T07:30:00+00:00"}
FLOWN = LONDON | {"record_locator": "A2AAAA", "departs_at": "2026-10-01T07:30:00+00:00"}
CANCELLED = LONDON | {"record_locator": "B2BBBB", "status": "cancelled"}
SAY = "These are your bookings:\n- Y2TA4N\n- Y7TB9N"


def signed_in(model: EmbeddedChatModel, *bookings: dict[str, Any]) -> Stage:
    results = {"list_bookings": done(SAY, bookings=list(bookings)), "cancel_booking": PROPOSED}
    return Stage(model, dict(results), "authenticated")


def test_the_one_upcoming_booking_is_taken(model: EmbeddedChatModel) -> None:
    stage = signed_in(model, FLOWN, CANCELLED, LONDON)
    stage.say("cancel my booking please")
    assert stage.calls[-1] == ("cancel_booking", {"record_locator": "Y2TA4N"})


def test_of_several_the_person_chooses(model: EmbeddedChatModel) -> None:
    stage = signed_in(model, LONDON, AMSTERDAM)
    assert "Which of these bookings" in stage.say("cancel my booking")
    stage.say("the second one")
    assert stage.calls == [("cancel_booking", {"record_locator": "Y7TB9N"})]


@pytest.mark.parametrize(
    ("words", "locator"),
    [
        ("cancel my trip to London", "Y2TA4N"),
        ("cancel my trip to Amsterdam", "Y7TB9N"),
        ("cancel my flight on 3 January", "Y7TB9N"),
    ],
)
def test_words_about_the_journey_choose(model: EmbeddedChatModel, words: str, locator: str) -> None:
    stage = signed_in(model, LONDON, AMSTERDAM)
    stage.say(words)
    assert stage.calls[-1] == ("cancel_booking", {"record_locator": locator})


def test_no_the_other_one(model: EmbeddedChatModel) -> None:
    stage = signed_in(model, LONDON, AMSTERDAM)
    stage.say("cancel my booking")
    stage.say("the first one")
    stage.say("no, the other one")
    assert stage.calls == [("cancel_booking", {"record_locator": "Y7TB9N"})]


def test_without_a_booking_it_says_so(model: EmbeddedChatModel) -> None:
    stage = signed_in(model)
    stage.results["list_bookings"] = done("You have no bookings with us.", bookings=[])
    assert stage.say("cancel my booking").startswith("You have no bookings with us.")
    assert stage.called == ["list_bookings"]


def test_my_flight_is_the_next_one_of_my_booking(model: EmbeddedChatModel) -> None:
    segments = [
        {"flight_number": "GA140", "date": "2026-11-01"},
        {"flight_number": "GA141", "date": "2026-12-15"},
        {"flight_number": "GA144", "date": "2026-12-19"},
    ]
    stage = signed_in(model, LONDON)
    stage.results |= {"get_booking": done("Here.", segments=segments), "get_flight_status": done("GA141 is on time.")}
    assert stage.say("is my flight on time?") == "GA141 is on time."
    assert stage.calls[-1] == ("get_flight_status", {"flight_number": "GA141", "date": "2026-12-15"})


def test_somebody_elses_booking_is_refused_and_forgotten(model: EmbeddedChatModel) -> None:
    stage = signed_in(model, LONDON)
    stage.results["cancel_booking"] = [refused("I can find no booking J8NW3B that is yours."), PROPOSED]
    assert "no booking J8NW3B" in stage.say("cancel J8NW3B")
    stage.say("then cancel my own booking")
    assert stage.calls[-1] == ("cancel_booking", {"record_locator": "Y2TA4N"})


def test_a_flight_is_found_by_route_and_day_and_then_booked(model: EmbeddedChatModel) -> None:
    flights = [{"flight_number": "GA101", "date": "2026-11-25"}, {"flight_number": "GA103", "date": "2026-11-25"}]
    stage = Stage(
        model, {"search_flights": done("These go:", flights=flights), "book_flight": PROPOSED}, "authenticated"
    )
    assert "fly from" in stage.say("I'd like to fly to Barcelona, book me a ticket")
    stage.say("tomorrow")
    stage.say("from Vienna")
    assert stage.calls == [("search_flights", {"origin": "VIE", "destination": "BCN", "date": "2026-11-25"})]
    stage.say("the second one")
    assert stage.calls == [("book_flight", {"flight_number": "GA103", "date": "2026-11-25"})]


def test_the_leg_to_change_is_chosen_and_a_correction_moves_the_day(model: EmbeddedChatModel) -> None:
    legs = [{"flight_number": "GA101", "date": "2026-12-06"}, {"flight_number": "GA104", "date": "2026-12-10"}]
    asks = {"outcome": "facts_needed", "say": "Which flight?", "needs": {"facts": ["flight_number"]}}
    stage = Stage(model, {"change_flight": [asks, PROPOSED, PROPOSED], "get_booking": done("Yours.", segments=legs)})
    stage.speaker = "authenticated"
    assert "Which of these flights" in stage.say("change my booking K7XQ2P to 12 December")
    stage.say("the way back")
    change = {"record_locator": "K7XQ2P", "flight_number": "GA104", "new_date": "2026-12-12"}
    assert stage.calls == [("change_flight", change)]
    stage.say("no, 13 December")
    assert stage.calls == [("change_flight", change | {"new_date": "2026-12-13"})]


def test_a_withdrawal_by_the_reader_is_told_and_the_other_wish_goes_on(model: EmbeddedChatModel) -> None:
    stage = signed_in(model, LONDON)
    stage.results["withdraw_consent"] = done("Done: you get no more offers.")
    wish = ("withdraw_consent", {"purpose": "marketing", "channel": "email"})
    assert stage.say("stop emailing me offers", wish) == "Done: you get no more offers."
    assert "no more offers" in stage.say("Stop emailing me offers. And please cancel my booking.", wish)
    assert stage.calls[-1] == ("cancel_booking", {"record_locator": "Y2TA4N"})
