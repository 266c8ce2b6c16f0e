"""Promises, not examples: nothing fabricated leaves, whatever the figure, its writing and the words around it."""

import string
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.claims.numerals import Tongue, number_words
from agent.claims.tongues import in_english, tongue_of
from tests.agent.claims.proving import allowed, cancellation, read_clauses, released

CLAUSE = read_clauses(("CXL-FLEX", "Cancelling a Flex fare", "We keep a handling fee of 25 EUR and refund the rest."))
TRUE = {"refund": 22490, "fee": 2500}
DECISION = allowed("K7XQ2P", TRUE, "A Flex fare is refundable: 224.90 EUR, after a handling fee of 25 EUR.")

cents = st.integers(min_value=100, max_value=999_999)
written = st.sampled_from(
    [
        lambda minor: f"{Decimal(minor) / 100:.2f} EUR",
        lambda minor: f"€{Decimal(minor) / 100:,.2f}",
        lambda minor: f"EUR {Decimal(minor) / 100:.2f}",
        lambda minor: f"{Decimal(minor) / 100:.2f} euros".replace(".", ","),
    ]
)
granting = st.sampled_from(
    [
        "You will receive {}.",
        "Your refund is {}.",
        "That comes to {} for you.",
        "I have refunded {} to your card.",
        "You are entitled to {}. [[CXL-FLEX]]",
        "The refund is {}. [[CXL-FLEX]]",
        "Once you confirm, {} go back to you.",
        "Would you like me to prepare the refund of {}?",
        "- **Refund**: {}",
        "Sie erhalten {} zurück.",
        "Vous recevrez {}.",
        "Recibirá {}.",
    ]
)
locators = st.text(string.ascii_uppercase + string.digits, min_size=6, max_size=6).filter(
    lambda s: any(c.isdigit() for c in s) and sum(c.isalpha() for c in s) >= 3
)
doers = st.sampled_from(["I", "We", "Our team", "A colleague", "My colleague", "Someone", "Our baggage team"])
deeds = st.sampled_from(
    [
        ("cancelled", "cancel"),
        ("refunded", "refund"),
        ("rebooked", "rebook"),
        ("upgraded", "upgrade"),
        ("credited", "credit"),
        ("compensated", "compensate"),
        ("waived", "waive"),
        ("approved", "approve"),
        ("escalated", "escalate"),
        ("forwarded", "forward"),
    ]
)
PAID = frozenset({"refunded", "credited", "compensated"})
objects = st.sampled_from(["your booking", "your refund", "your flight", "your ticket", "your complaint", "it"])


@given(minor=cents.filter(lambda minor: minor not in TRUE.values()), write=written, frame=granting)
@settings(max_examples=120, deadline=None)
def test_a_sum_that_nothing_holds_never_leaves(minor: int, write, frame: str) -> None:  # type: ignore[no-untyped-def]
    assert not released(frame.format(write(minor)), *CLAUSE, *DECISION)


@given(
    refund=cents,
    fee=cents,
    write=written,
    frame=st.sampled_from(["You would get {} back.", "{} would be refunded to you.", "Your refund would be {}."]),
)
@settings(max_examples=60, deadline=None)
def test_the_decided_sum_leaves_however_it_is_written(refund: int, fee: int, write, frame: str) -> None:  # type: ignore[no-untyped-def]
    decision = allowed("K7XQ2P", {"refund": refund, "fee": fee})
    assert released(frame.format(write(refund)), *decision)


@given(one=cents, two=cents, write=written)
@settings(max_examples=60, deadline=None)
def test_sums_of_two_bookings_never_change_places(one: int, two: int, write) -> None:  # type: ignore[no-untyped-def]
    both = (*allowed("K7XQ2P", {"refund": one}), *allowed("M4TT7W", {"refund": two}))
    assert released(f"For K7XQ2P you would get {write(one)} back.", *both)
    if one != two:
        assert not released(f"For K7XQ2P you would get {write(two)} back.", *both)


@given(locator=locators.filter(lambda locator: locator != "K7XQ2P"))
@settings(max_examples=60, deadline=None)
def test_a_booking_reference_that_nobody_gave_never_leaves(locator: str) -> None:
    for frame in ("Your booking reference is {}.", "I found your booking {}.", "Booking {} is confirmed."):
        assert not released(frame.format(locator), *DECISION)


@given(doer=doers, deed=deeds, what=objects, aux=st.sampled_from(["done", "will", "going", "passive", "future"]))
@settings(max_examples=120, deadline=None)
def test_a_deed_that_only_a_card_proposes_never_leaves_as_done_or_promised(
    doer: str, deed: tuple[str, str], what: str, aux: str
) -> None:
    past, base = deed
    assume(aux != "future" or past not in PAID)  # what the card decides to pay may be told as what will be paid
    have = "have" if doer in ("I", "We") else "has"
    be = {"I": "am", "We": "are"}.get(doer, "is")
    text = {
        "done": f"{doer} {have} {past} {what}.",
        "will": f"{doer} will {base} {what}.",
        "going": f"{doer} {be} going to {base} {what} now.",
        "passive": f"{what.capitalize()} has been {past}.",
        "future": f"{what.capitalize()} will be {past}.",
    }[aux]
    card = cancellation("K7XQ2P", TRUE)
    assert not released(text, *CLAUSE, *card)


@given(
    percent=st.integers(min_value=1, max_value=100),
    frame=st.sampled_from(["You get {} % back.", "We pay {} per cent.", "You save {}%."]),
)
@settings(max_examples=60, deadline=None)
def test_a_percentage_that_nothing_holds_never_leaves(percent: int, frame: str) -> None:
    assert not released(frame.format(percent), *CLAUSE, *DECISION)


@given(n=st.integers(min_value=2, max_value=999), tongue=st.sampled_from(["de", "fr", "es", "it", "nl", "pt"]))
@settings(max_examples=120, deadline=None)
def test_every_number_word_of_six_languages_is_read_as_its_number(n: int, tongue: Tongue) -> None:
    words = [word for word, value in number_words(tongue).items() if value == n]
    assert words
    for word in words:
        assert in_english(f"{word} euros", tongue) == f"{n} euros"


def test_a_language_is_told_by_its_small_words() -> None:
    told = {
        "en": "You will get your money back.",
        "de": "Sie bekommen Ihr Geld zurück.",
        "fr": "Vous recevrez votre argent.",
        "es": "Su equipaje puede pesar ocho kilos.",
        "it": "La sua prenotazione è stata cancellata.",
        "nl": "Uw boeking is geannuleerd.",
        "pt": "A sua reserva foi cancelada.",
    }
    assert {tongue: tongue_of(text)[0] for tongue, text in told.items()} == {tongue: tongue for tongue in told}
