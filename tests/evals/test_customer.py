"""The scripted customer reacts to what was said."""

import pytest

from evals.cases import Turn
from evals.customer import Heard, Scripted, fits, presses_anyway

ASKS = Heard(text="Please give me your booking reference.", kind="clarify")
SURNAME = Heard(text="And what is the surname on the booking?", kind="identity_needed")
CODE = Heard(text="I have sent a code. Please type the code here.", kind="identity_needed")
CARD = Heard(text="A Flex fare is refundable.", kind="proposed", card=True)
REFUSED = Heard(text="A Light fare is not refundable.", kind="refused")
DONE = Heard(text="Booking K7XQ2P is cancelled.", kind="answered", settled=True)


@pytest.mark.parametrize(
    ("when", "heard", "holds"),
    [
        ("start", Heard(), True),
        ("any", CARD, True),
        ("if asked for booking reference", ASKS, True),
        ("if asked for booking reference", SURNAME, False),
        ("if asked for surname", SURNAME, True),
        ("if asked for the one-time code", CODE, True),
        ("if asked for the one-time code", CARD, False),
        ("if a proposal is shown", CARD, True),
        ("if a proposal is shown", REFUSED, False),
        ("if refused", REFUSED, True),
        ("if refused", DONE, False),
        ("if it is done", DONE, True),
        ("if answered", CARD, True),
        ("if answered", SURNAME, False),
        (
            "if offered a person",
            Heard(text="Would you like me to hand you over to a colleague?", kind="answered"),
            True,
        ),
        ("if refused or asked for surname", SURNAME, True),
        ("if the Light fare is mentioned", REFUSED, True),
        ("if the weather is mentioned", REFUSED, False),
    ],
)
def test_a_condition_in_words_is_read(when: str, heard: Heard, holds: bool) -> None:
    assert fits(when, heard) is holds


async def test_lines_are_taken_in_order_once_and_wait_until_they_fit() -> None:
    customer = Scripted(
        [Turn(when="start", say="hi"), Turn(when="if asked for surname", say="Weber"), Turn(when="any", say="ok")]
    )
    said = [turn.say for heard in (Heard(), CARD, SURNAME, CARD) if (turn := await customer.next(heard))]
    assert said == ["hi", "ok", "Weber"]
    assert not customer.left


async def test_a_proof_without_a_line_is_given_a_few_times_only() -> None:
    customer = Scripted([Turn(when="if a proposal is shown", say="yes")])
    said = [turn.say if (turn := await customer.next(CODE)) else None for _ in range(4)]
    assert said == ["{CODE}", "{CODE}", None, None]
    assert await Scripted([Turn(when="if a proposal is shown", say="yes")], proves=False).next(CODE) is None


def test_a_yes_that_brings_the_card_back_is_followed_by_the_button() -> None:
    again = Heard(text="This cannot be undone, so please press Confirm on the card.", kind="proposed", card=True)
    assert presses_anyway(Turn(when="any", say="yes, cancel it"), again)
    assert not presses_anyway(Turn(when="any", say="how much is it"), again)
    assert not presses_anyway(Turn(when="any", say="yes"), CARD)
