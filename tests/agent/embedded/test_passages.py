from agent.embedded.passages import PolicyAnswers, sentences
from knowledge.embeddings import load_minilm

CANCELLED = """My flight was cancelled: what am I owed? Compensation by the sums of Article 7, unless:

- you were told at least 14 days before departure; or
- extraordinary circumstances caused it that all reasonable measures
  could not avoid.

It is for the airline to prove when you were told."""


def test_a_list_stays_with_the_sentence_that_opens_it() -> None:
    assert sentences(CANCELLED) == [
        "Compensation by the sums of Article 7, unless:\n"
        "- you were told at least 14 days before departure; or\n"
        "- extraordinary circumstances caused it that all reasonable measures could not avoid.",
        "It is for the airline to prove when you were told.",
    ]


def test_the_customers_words_at_the_head_of_a_clause_are_not_an_answer() -> None:
    text = "I missed my connecting flight. If all flights stand in one booking,\nwe rebook you free of charge."
    assert sentences(text) == ["If all flights stand in one booking, we rebook you free of charge."]


def test_a_title_and_markup_are_left_out() -> None:
    assert sentences("# Cabin baggage\n\nOne bag is free.", "Cabin baggage") == ["One bag is free."]
    assert sentences("- **Light** has no bag.\n- **Flex** has a bag.") == [
        "**Light** has no bag.",
        "**Flex** has a bag.",
    ]


def test_every_line_carries_its_clause() -> None:
    answers = PolicyAnswers(load_minilm())
    said = answers.answer(
        "what am I owed for a cancellation", [{"clause_id": "EC261-CANCEL", "text": CANCELLED, "score": 1.0}]
    )
    assert all(line.endswith("[[EC261-CANCEL]]") for line in said.split("\n") if line)


def test_a_second_clause_speaks_only_when_it_is_close_and_nearer() -> None:
    answers = PolicyAnswers(load_minilm())
    first = {"clause_id": "A", "text": "Bags are checked in at the desk.", "score": 0.2}
    nearer = {"clause_id": "B", "text": "A dog may travel in the cabin in a carrier.", "score": 0.19}
    asked = "may my dog travel in the cabin?"
    assert "[[B]]" in answers.answer(asked, [first, nearer])
    assert "[[B]]" not in answers.answer(asked, [first, {**nearer, "score": 0.1}])
    assert answers.answer(asked, []) == ""
