"""From a wish to a proposal: what is missing is asked for, one thing at a time."""

import pytest

from agent.embedded.model import EmbeddedChatModel
from tests.agent.embedded.stage import PROPOSED, Stage, done, needs_level, refused

LOCATOR = {"record_locator": "K7XQ2P"}
PROOF = {"record_locator": "K7XQ2P", "surname": "Lindqvist"}
CODE = {"record_locator": "K7XQ2P", "code": "[code]"}


def stepping_up(model: EmbeddedChatModel) -> Stage:
    levels = [needs_level("booking", "K7XQ2P"), needs_level("verified", "K7XQ2P"), PROPOSED]
    return Stage(
        model,
        {
            "cancel_booking": levels,
            "verify_booking": done("I have found booking K7XQ2P."),
            "send_code": done("I have sent a code to a•••@example.com. Please type it here."),
            "check_code": done("That code is right."),
        },
    )


def test_a_cancellation_leads_over_reference_surname_and_code_to_a_proposal(model: EmbeddedChatModel) -> None:
    stage = stepping_up(model)
    assert "booking reference" in stage.say("hi, need to cancel my trip")
    assert stage.calls == []
    assert "surname" in stage.say("K7XQ2P")
    assert stage.calls == [("cancel_booking", LOCATOR)]
    assert "type it here" in stage.say("Lindqvist")
    assert stage.calls == [("verify_booking", PROOF), ("cancel_booking", LOCATOR), ("send_code", LOCATOR)]
    stage.say("[code]", ("check_code", CODE))
    assert stage.calls == [("cancel_booking", LOCATOR)]


def test_it_goes_on_when_the_reader_has_proved_the_booking_first(model: EmbeddedChatModel) -> None:
    stage = stepping_up(model)
    stage.results["cancel_booking"] = [needs_level("verified", "K7XQ2P"), PROPOSED]
    said = stage.say("Please cancel K7XQ2P, my name is Lindqvist", ("verify_booking", PROOF))
    assert stage.called == ["cancel_booking", "send_code"]
    assert "type it here" in said
    stage.say("[code]", ("check_code", CODE))
    assert stage.called == ["cancel_booking"]


def test_it_goes_on_without_a_frame_of_its_own(model: EmbeddedChatModel) -> None:
    """An LLM answered so far, and keeps no frame."""
    stage = stepping_up(model)
    stage.keep_frames = False
    stage.results["cancel_booking"] = [needs_level("booking", "K7XQ2P"), needs_level("verified", "K7XQ2P"), PROPOSED]
    stage.say("please cancel K7XQ2P")
    stage.say("Lindqvist")
    assert stage.called[0] == "verify_booking"


def test_a_proof_without_a_wish_shows_the_booking(model: EmbeddedChatModel) -> None:
    stage = Stage(model, {"verify_booking": done("Found."), "get_booking": done("Here is your booking K7XQ2P.")})
    assert "K7XQ2P" in stage.say("K7XQ2P Lindqvist", ("verify_booking", PROOF))
    assert stage.calls == [("get_booking", LOCATOR)]


def test_a_wrong_surname_is_asked_for_again_and_the_wish_is_kept(model: EmbeddedChatModel) -> None:
    stage = stepping_up(model)
    stage.results["verify_booking"] = [refused("I could not match that."), done("Found.")]
    stage.say("cancel K7XQ2P")
    assert "could not match" in stage.say("Smith")
    stage.results["cancel_booking"] = [needs_level("booking", "K7XQ2P"), needs_level("verified", "K7XQ2P")]
    assert "surname" in stage.say("K7XQ2P")
    stage.say("Lindqvist")
    assert stage.called == ["verify_booking", "cancel_booking", "send_code"]


def test_a_wrong_code_can_be_typed_again(model: EmbeddedChatModel) -> None:
    stage = stepping_up(model)
    stage.results["check_code"] = [refused("That code is not right."), done("That code is right.")]
    stage.results["cancel_booking"] = [needs_level("verified", "K7XQ2P"), PROPOSED]
    stage.say("cancel K7XQ2P, surname Lindqvist", ("verify_booking", PROOF))
    assert "not right" in stage.say("[code]", ("check_code", CODE))
    stage.say("[code]", ("check_code", CODE))
    assert stage.called == ["cancel_booking"]


def test_a_code_that_did_not_arrive_is_sent_again_by_the_channel_named(model: EmbeddedChatModel) -> None:
    stage = stepping_up(model)
    stage.results["cancel_booking"] = needs_level("verified", "K7XQ2P")
    stage.say("cancel K7XQ2P, surname Lindqvist", ("verify_booking", PROOF))
    stage.say("I didn't get the code, send it by sms")
    assert stage.calls == [("send_code", {"record_locator": "K7XQ2P", "channel": "sms"})]


@pytest.mark.parametrize("words", ["why do you need my surname?", "thanks", "what's the weather in Rome"])
def test_an_aside_is_answered_and_the_question_comes_back(model: EmbeddedChatModel, words: str) -> None:
    stage = stepping_up(model)
    stage.say("cancel K7XQ2P")
    assert "surname on the booking" in stage.say(words)
    assert stage.calls == []
    stage.say("Lindqvist")
    assert stage.called[0] == "verify_booking"


def test_a_question_in_between_is_answered_and_the_cancellation_goes_on(model: EmbeddedChatModel) -> None:
    stage = stepping_up(model)
    stage.results["get_flight_status"] = done("Flight GA412 is on time.")
    stage.say("cancel K7XQ2P")
    said = stage.say("oh and is GA412 on time?")
    assert "Flight GA412 is on time." in said
    assert "surname on the booking" in said
    stage.say("Lindqvist")
    assert stage.called == ["verify_booking", "cancel_booking", "send_code"]


def test_a_signed_in_person_is_never_asked_for_a_reference(model: EmbeddedChatModel) -> None:
    bookings = [
        {"record_locator": "K7XQ2P", "status": "confirmed", "route": "VIE - BCN", "departs_at": "2026-12-06T05:00"}
    ]
    stage = Stage(
        model,
        {"list_bookings": done("These are yours.", bookings=bookings), "cancel_booking": PROPOSED},
        "authenticated",
    )
    stage.say("please cancel my booking")
    assert stage.calls == [("list_bookings", {}), ("cancel_booking", LOCATOR)]


def test_without_sign_in_what_needs_it_is_told(model: EmbeddedChatModel) -> None:
    stage = Stage(model, {"list_bookings": needs_level("authenticated")})
    assert stage.say("show all my bookings") == "Please sign in."
