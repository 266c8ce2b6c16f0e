import pytest

from agent.embedded.model import EmbeddedChatModel
from agent.embedded.requests import bare_wish
from agent.embedded.respelling import Respelling
from tests.agent.embedded.stage import CABIN, Stage, done

EXAMPLES = ["cancel my booking"] * 3 + ["my flight is delayed"] * 3 + ["compensation please", "cancle it"]


@pytest.mark.parametrize(
    ("text", "names", "wish"),
    [
        ("actually no, don't cancel. Add a bag to K7XQ2P instead", [], "Add a bag to K7XQ2P instead"),
        ("no, do not change the booking, just send me the receipt", [], "just send me the receipt"),
        ("never mind the refund, what is the gate?", [], "what is the gate?"),
        ("one more bag for K7XQ2P, surname Lindqvist", ["Lindqvist"], "one more bag for K7XQ2P"),
        ("don't cancel", [], "don't cancel"),
        ("I don't want to fly, cancel it", [], "I don't want to fly, cancel it"),
        ("my name is Lindqvist", ["Lindqvist"], "my name is Lindqvist"),
    ],
)
def test_what_is_called_off_or_proves_somebody_is_no_wish(text: str, names: list[str], wish: str) -> None:
    assert bare_wish(text, names) == wish


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cancl my bookng", "cancel my booking"),
        ("cancle the delyed flihgt", "cancle the delayed flight"),
        ("dancel it", "dancel it"),
        ("my bag", "my bag"),
    ],
)
def test_a_slip_becomes_the_usual_word(typed: str, meant: str) -> None:
    assert Respelling(EXAMPLES).correct(typed) == meant


def test_a_wish_called_off_is_not_the_wish(model: EmbeddedChatModel) -> None:
    stage = Stage(model, {"add_ancillary": done("Added."), "cancel_booking": done("Cancelled.")})
    stage.say("no wait, don't cancel. Add a bag to K7XQ2P instead")
    assert stage.called == ["add_ancillary"]


@pytest.mark.parametrize(
    "text",
    ["operator", "my father died, I cannot fly, please let a human help me", "I was charged twice, I want a human"],
)
def test_who_asks_for_a_person_gets_one(model: EmbeddedChatModel, text: str) -> None:
    stage = Stage(model, {"hand_off": done("Handed over.")})
    assert stage.say(text) == "Handed over."


def test_what_is_out_of_scope_twice_brings_the_offer_of_a_person(model: EmbeddedChatModel) -> None:
    stage = Stage(model, {"hand_off": done("Handed over.")})
    stage.say("blorp the zent")
    assert "colleague" in stage.say("grumble fnord")
    assert stage.say("yes") == "Handed over."


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("How many cabin bags may I bring? And please cancel my booking K7XQ2P", ["search_policies", "cancel_booking"]),
        ("How much is a second bag? Please cancel booking K7XQ2P", ["search_policies", "cancel_booking"]),
        ("Please send me my receipt for K7XQ2P and cancel my return flight", ["send_notification", "cancel_booking"]),
    ],
)
def test_two_clear_requests_are_both_served_whatever_they_look_like_together(
    model: EmbeddedChatModel, text: str, called: list[str]
) -> None:
    stage = Stage(model)
    stage.results["search_policies"] = done(passages=[CABIN], degraded=False)
    stage.results |= {"send_notification": done("Sent."), "cancel_booking": done("Cancelled.")}
    stage.say(text)
    assert stage.called == called


def test_a_part_of_a_booking_is_not_cancelled_with_the_whole(model: EmbeddedChatModel) -> None:
    stage = Stage(model, {"cancel_booking": done("Cancelled."), "hand_off": done("Handed over.")})
    assert "colleague" in stage.say("cancel only the return of K7XQ2P")
    assert stage.say("yes") == "Handed over."
    assert stage.called == ["hand_off"]
