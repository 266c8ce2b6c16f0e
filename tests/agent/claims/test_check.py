"""What a sentence needs behind it before a person reads it."""

import pytest

from agent.claims.phrases import phrases_in
from agent.sentences import Sentence
from tests.agent.claims.proving import (
    FLEX,
    allowed,
    cancellation,
    checking,
    judge,
    read_clauses,
    refused,
    released,
    told,
)
from tools.domain.outcomes import Done

CABIN = read_clauses(
    (
        "BAG-CABIN",
        "Cabin baggage",
        "Every passenger with a seat may take 1 cabin bag of up to 8 kg on board,\nno larger than 55 x 40 x 23 cm. "
        "It is free with every fare, Light included.",
    ),
    ("BAG-HEAVY", "Overweight bags", "A checked bag over 23 kg costs 60 EUR extra for each flight."),
)
SUMS = read_clauses(
    (
        "EC261-SUMS",
        "The sums of compensation",
        "For each passenger:\n\n- 250 EUR for flights of up to 1,500 km;\n"
        "- 400 EUR for other flights of up to 3,500 km;\n- 600 EUR for all other flights.",
    )
)
FARES = read_clauses(
    ("CXL-CLASSIC", "Cancelling a Classic fare", "We keep a fee of 90 EUR for each passenger and refund the rest."),
    ("CXL-FLEX", "Cancelling a Flex fare", "We keep a handling fee of 25 EUR for each passenger and refund the rest."),
)
REFUND = {"refund": 22490, "fee": 2500}
SAY = "A Flex fare is refundable. 224.90 EUR go back to the way you paid, after a handling fee of 25 EUR."
DECISION = allowed("K7XQ2P", REFUND, SAY)
CARD = cancellation("K7XQ2P", REFUND)
RECEIPT = cancellation("K7XQ2P", REFUND, "executed")


def test_a_figure_of_a_cited_clause_leaves_with_that_clause_behind_it() -> None:
    (checked,) = judge("Your cabin bag may weigh up to 8 kg. [[BAG-CABIN]]", *CABIN)
    assert checked.backed
    assert [e.clause.clause_id for e in checked.backing if e.clause] == ["BAG-CABIN"]
    assert checked.cites == ()


def test_a_figure_without_its_citation_gets_the_clause_it_stands_in() -> None:
    (checked,) = judge("The cabin bag may weigh eight kilos.", *CABIN)
    assert checked.cites == ("BAG-CABIN",)


def test_a_figure_under_the_citation_of_another_clause_is_not_backed() -> None:
    (checked,) = judge("The cabin bag may weigh 8 kg. [[BAG-HEAVY]]", *CABIN)
    assert checked.unbacked == ("8 kg",)


def test_a_figure_in_no_clause_is_not_backed() -> None:
    assert not released("The cabin bag may weigh 10 kg. [[BAG-CABIN]]", *CABIN)


@pytest.mark.parametrize(
    "text",
    [
        "For flights of up to 1,500 km it is 600 EUR. [[EC261-SUMS]]",
        "For flights of up to 3,500 km it is 250 EUR. [[EC261-SUMS]]",
        "It is 250 EUR for flights up to 3,500 km and 400 EUR for all other flights. [[EC261-SUMS]]",
        "The compensation is 600 EUR. [[EC261-SUMS]]",
        "On a Flex fare the fee is 90 EUR. [[CXL-CLASSIC]]",
        "With Classic the fee is 25 EUR, with Flex 90 EUR. [[CXL-CLASSIC]] [[CXL-FLEX]]",
        "With a Classic fare you get 90 EUR back. [[CXL-CLASSIC]]",
        "It is 250 GBP for flights of up to 1,500 km. [[EC261-SUMS]]",
        "A bag under 23 kg costs 60 EUR. [[BAG-HEAVY]]",
        "A cabin bag costs 60 EUR. [[BAG-HEAVY]]",
    ],
)
def test_the_right_figure_in_the_wrong_band_fare_direction_or_currency_is_not_backed(text: str) -> None:
    assert not released(text, *CABIN, *SUMS, *FARES)


@pytest.mark.parametrize(
    "text",
    [
        "For flights of up to 1,500 km it is 250 EUR. [[EC261-SUMS]]",
        "It is 400 EUR for other flights of up to 3,500 km and 600 EUR for all other flights. [[EC261-SUMS]]",
        "The sums are 250, 400 or 600 EUR, depending on the distance. [[EC261-SUMS]]",
        "Bei Flügen bis 1.500 km sind es zweihundertfünfzig Euro. [[EC261-SUMS]]",
        "With Classic the fee is 90 EUR, with Flex 25 EUR. [[CXL-CLASSIC]] [[CXL-FLEX]]",
        "Avec un billet Flex, nous gardons vingt-cinq euros. [[CXL-FLEX]]",
        "A bag over 23 kg costs sixty euros more per flight. [[BAG-HEAVY]]",
        "The cabin bag is free with every fare. [[BAG-CABIN]]",
    ],
)
def test_the_same_figures_in_their_own_sense_leave(text: str) -> None:
    assert released(text, *CABIN, *SUMS, *FARES)


def test_a_clause_backs_no_sum_of_this_person() -> None:
    assert not released("You will receive 250 EUR. [[EC261-SUMS]]", *SUMS)
    assert not released("That means 600 euros for you.", *SUMS)


def test_a_decision_backs_its_own_sums_for_its_own_booking() -> None:
    assert released("For K7XQ2P you would get 224.90 EUR back, after a fee of 25.00 EUR.", *DECISION)
    assert released("You would get two hundred and twenty-four euros and ninety cents back.", *DECISION)


def test_fee_and_refund_are_not_interchangeable() -> None:
    assert not released("You would get 25.00 EUR back.", *DECISION)
    assert not released("The fee is 224.90 EUR.", *DECISION)


def test_the_right_sum_of_another_booking_is_not_backed() -> None:
    both = (*DECISION, *allowed("M4TT7W", {"refund": 32000, "fee": 18000}))
    assert released("K7XQ2P brings 224.90 EUR back, and M4TT7W 320.00 EUR.", *both)
    assert not released("K7XQ2P brings 320.00 EUR back, and M4TT7W 224.90 EUR.", *both)
    assert not released("For M4TT7W the fee is 25.00 EUR.", *both)


def test_what_is_only_proposed_cannot_be_told_as_done() -> None:
    for text in (
        "Your booking K7XQ2P has been cancelled.",
        "I've cancelled it.",
        "All done!",
        "The refund is on its way.",
    ):
        assert not released(text, *DECISION, *CARD)
    assert released("Once you confirm, K7XQ2P is cancelled and 224.90 EUR go back.", *DECISION, *CARD)


def test_what_is_executed_can_be_told_as_done() -> None:
    for text in ("Your booking K7XQ2P has been cancelled.", "I've cancelled it.", "You will receive 224.90 EUR."):
        assert released(text, *DECISION, *RECEIPT)


def test_an_executed_cancellation_backs_no_other_deed() -> None:
    assert not released("I have also added a voucher to your account.", *RECEIPT)
    assert not released("You will receive a confirmation by e-mail.", *RECEIPT)


def test_a_refusal_backs_no_refund() -> None:
    no = refused("B9N3KF", "Your Light fare is non-refundable, so I cannot cancel it for money back.")
    assert released("I am sorry, your Light fare is non-refundable.", *no)
    assert not released("You are entitled to a refund.", *no)
    assert not released("I can make an exception and refund you.", *no)


@pytest.mark.parametrize(
    "text",
    [
        "We will call you back within the hour.",
        "Someone will be in touch shortly.",
        "I have forwarded your complaint.",
        "Your refund has been approved.",
        "I guarantee that you will be compensated.",
        "You have been upgraded to Business.",
        "Wir rufen Sie zurück.",
        "Nous avons remboursé votre billet.",
        "Le devolveremos el dinero.",
    ],
)
def test_a_promise_with_nothing_behind_it_is_not_backed(text: str) -> None:
    assert not released(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'll look into this right away.",
        "I understand your frustration.",
        "Would you like me to cancel it and refund you?",
        "I can help you with bookings, baggage and your rights.",
        "I have not cancelled anything.",
        "Let me check that for you.",
    ],
)
def test_what_commits_nobody_leaves(text: str) -> None:
    assert released(text)


def test_what_the_person_said_is_no_evidence() -> None:
    said = ["the man at the desk promised me 600 euros"]
    assert not released("You will get 600 euros.", said=said)
    assert not released("Yes, 600 euros.", said=said)
    assert released("You mentioned 600 euros; who told you that?", said=said)


def test_a_reference_the_person_gave_may_be_repeated_and_no_other() -> None:
    said = ["where is K7XQ2P"]
    assert released("I could not find a booking K7XQ2P.", said=said)
    assert not released("I could not find a booking ZX81QQ.", said=said)


def test_a_hand_off_backs_that_a_colleague_answers_and_not_that_one_calls() -> None:
    say = "I have handed this conversation to a colleague (case C-20417). You are number 3 in the queue."
    handed = told("hand_off", Done(say=say, data={"case_id": "C-20417", "position": 3}))
    assert released("A colleague will reply here; you are number 3 in the queue.", *handed)
    assert not released("A colleague will call you back.", *handed)
    assert not released("You are number 1 in the queue.", *handed)


def test_what_somebody_typed_into_a_record_backs_nothing() -> None:
    data = {"record_locator": "K7XQ2P", "total_paid": "249.90 EUR", "untrusted": {"remarks": ["refund 900.00 EUR"]}}
    record = told("get_booking", Done(say="Here is your booking K7XQ2P.", data=data), record_locator="K7XQ2P")
    assert released("You paid 249.90 EUR.", *record)
    assert not released("You are owed 900.00 EUR.", *record)


def test_an_amount_in_a_language_nobody_here_reads_is_held_back() -> None:
    assert not released("Otrzyma Pan sześćset euro.")


def test_a_sentence_that_leans_on_a_personal_one_is_personal() -> None:
    assert released("Your flight was late. For flights of up to 1,500 km it is 250 EUR.", *SUMS)
    first, second = judge("I looked at your delay of your flight. That is 600 EUR.", *SUMS)
    assert first.backed
    assert not second.backed


def test_the_decisions_own_words_stand_in_for_what_is_held_back() -> None:
    check = checking(*DECISION)
    sentence = Sentence(text="You get 300 EUR back.", cited=())
    assert not check.check(sentence).backed
    assert check.support(sentence).text == SAY


def test_the_nearest_clause_stands_in_where_nothing_is_decided() -> None:
    check = checking(*CABIN, *FARES)
    sentence = Sentence(text="A bag over 23 kg costs 80 EUR.", cited=())
    assert not check.check(sentence).backed
    support = check.support(sentence)
    assert (
        support.text
        == 'Our policy "Overweight bags" says: A checked bag over 23 kg costs 60 EUR extra for each flight.'
    )
    assert support.cites == ("BAG-HEAVY",)


def test_a_card_still_open_is_told_for_what_it_is() -> None:
    check = checking(*DECISION, *CARD)
    sentence = Sentence(text="I have cancelled your booking.", cited=())
    assert not check.check(sentence).backed
    assert "only when you confirm" in check.support(sentence).text


def test_a_decision_is_cited_by_its_clauses() -> None:
    (checked,) = judge("You would get 224.90 EUR back.", *DECISION)
    assert [e.clauses for e in checked.backing] == [(FLEX,)]


def test_what_stands_in_is_said_in_the_language_of_the_reply() -> None:
    check = checking()
    sentence = Sentence(text="Wir rufen Sie zurück.", cited=())
    assert not check.check(sentence).backed
    assert check.support(sentence).text.startswith("Das kann ich nicht bestätigen")


def test_what_stands_in_is_backed_itself() -> None:
    for tongue in ("en", "de", "fr", "es", "it", "nl", "pt"):
        say = phrases_in(tongue)
        for text in (say.no_figure, say.no_promise, say.not_yet):
            assert released(text, *DECISION, *CARD), text
