import pytest

from tools.extract.baggage import bag_tags, loyalty_numbers, seats
from tools.extract.contacts import emails, phones
from tools.extract.needs import needs
from tools.extract.places import airport_of, route


def test_seats_need_a_capital_or_talk_of_seats() -> None:
    assert [found.value for found in seats("window seat pls 22F if free, W8KB4N")] == ["22F"]
    assert [found.value for found in seats("seat 11f is what i want")] == ["11F"]
    assert seats("I have 11f reasons") == ()
    assert seats("booking T8 YY 4C") == ()


@pytest.mark.parametrize(
    ("text", "tag"),
    [("tag number GA 482913", "GA482913"), ("Tag 0220 998877.", "0220998877"), ("bag tag: 0257114823", "0257114823")],
)
def test_bag_tags(text: str, tag: str) -> None:
    assert [found.value for found in bag_tags(text)] == [tag]


def test_loyalty_numbers_follow_a_cue() -> None:
    assert [found.value for found in loyalty_numbers("my frequent flyer number is GM 1234 5678")] == ["GM12345678"]
    assert loyalty_numbers("call 12345678") == ()


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("my new number is +44 7700 900123", "+447700900123"),
        ("mobile: 0049 171 5550123", "+491715550123"),
        ("call 0171 555-0123", "01715550123"),
    ],
)
def test_phones(text: str, phone: str) -> None:
    assert [found.value for found in phones(text)] == [phone]


@pytest.mark.parametrize("text", ["on 2026-11-24", "tag number 0220 998877", "card 4111 1111 1111 1111", "12345678"])
def test_other_digits_are_no_phone(text: str) -> None:
    assert phones(text) == ()


def test_emails() -> None:
    assert [found.value for found in emails("use Nora.Lund+x@Example.org, please")] == ["nora.lund+x@example.org"]


def test_needs_have_their_ssr_codes() -> None:
    assert [found.value for found in needs("a vegan meal and a wheelchair, my son is autistic")] == [
        "VGML",
        "WCHR",
        "DPNA",
    ]
    assert [found.value for found in needs("he cannot climb the stairs")] == ["WCHS"]
    assert [found.value for found in needs("a wheelchair, I can't manage the stairs")] == ["WCHS"]


@pytest.mark.parametrize(
    ("text", "origin", "destination"),
    [
        ("flights from Lisbon to Oslo on 18 Feb", "LIS", "OSL"),
        ("munich to lisbon next sunday", "MUC", "LIS"),
        ("VIE-CDG 12 Feb", "VIE", "CDG"),
        ("between Hamburg and Zürich", "HAM", "ZRH"),
        ("I want to fly to New York", None, "JFK"),
        ("I want to go to the airport", None, None),
    ],
)
def test_routes(text: str, origin: str | None, destination: str | None) -> None:
    found = route(text)
    ends = [place.value if place else None for place in (found.origin, found.destination)]
    assert ends == [origin, destination]


def test_an_airport_by_code_or_city() -> None:
    assert airport_of("LIS") == airport_of("lisbon") == "LIS"
    assert airport_of("the") is None
