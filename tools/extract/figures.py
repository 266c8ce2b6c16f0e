"""Every figure in a text, in digits and in words, each once and in a canonical form that equal figures share."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tools.extract.dates import dates
from tools.extract.durations import durations, percentages
from tools.extract.flights import flights
from tools.extract.found import Found, disjoint, found
from tools.extract.locators import locators
from tools.extract.money import amounts
from tools.extract.numbers import NUMBER, numbers, read_number

FigureKind = Literal["money", "percent", "duration", "date", "time", "measure", "locator", "flight", "number", "token"]

_CITATION = re.compile(r"\[\[[^\]]*\]\]")
_TIME = re.compile(
    r"(?<![\w.:])(?:(?P<h>[01]?\d|2[0-3])[:.h](?P<m>[0-5]\d)(?!\d|[.:]\d|\s*%)(?:\s?(?P<ap1>[ap])\.?m\.?\b)?|"
    r"(?P<h12>1[0-2]|[1-9])\s?(?P<ap>[ap])\.?m\.?(?!\w))",
    re.I,
)
_UNIT = (
    r"kg|kgs|kilos?|kilograms?|cm|centimetres?|centimeters?|mm|km|kms|kilometres?|kilometers?|ml|millilit(?:re|"
    r"er)s?|lit(?:re|er)s?|wh|"
    r"watt[- ]hours?|lbs?|miles|points|metres?|meters?"
)
_MEASURE = re.compile(rf"(?<![\w.,])(?P<n>{NUMBER})[\s-]?(?P<u>{_UNIT})(?!\w)", re.I)
_MEASURE_NAMES = {
    "kgs": "kg",
    "kilo": "kg", "kilos": "kg", "kilogram": "kg", "kilograms": "kg", "centimetre": "cm", "centimetres": "cm",
    "centimeter": "cm", "centimeters": "cm", "kms": "km", "kilometre": "km", "kilometres": "km", "kilometer": "km",
    "kilometers": "km", "millilitre": "ml", "millilitres": "ml",
    "milliliter": "ml", "milliliters": "ml", "watt hour": "wh",
    "watt hours": "wh", "watt-hour": "wh", "watt-hours": "wh", "lb": "lbs", "litre": "l", "litres": "l", "liter": "l",
    "liters": "l", "metre": "m", "metres": "m", "meter": "m", "meters": "m",
}  # fmt: skip
_TOKEN = re.compile(r"(?<![\w])[\w/-]*\d[\w/-]*")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """value is canonical: 'EUR 60000' (minor units), '30', 'PT1440M', '2026-08-14', '14:30', '23 kg', 'K7XQ2P'."""

    kind: FigureKind
    value: str


def figures(text: str, *, today: date) -> tuple[Found[Figure], ...]:
    """Left to right. The word 'one' alone is no figure; what stands in [[...]] is a citation, not a figure.
    A leftover word with a digit in it is a token, so that no digit escapes."""
    plain = _CITATION.sub(lambda m: " " * len(m[0]), text)
    taken: list[Found[Figure]] = []
    for kind, values in _typed(plain, today):
        fresh = [Found(value=Figure(kind=kind, value=v.value), text=v.text, start=v.start, end=v.end) for v in values]
        taken += [value for value in fresh if not any(_meet(value, other) for other in taken)]
    taken += [t for t in _tokens(plain) if not any(_meet(t, other) for other in taken)]
    return tuple(sorted(taken, key=lambda value: value.start))


def _typed(text: str, today: date) -> list[tuple[FigureKind, tuple[Found[str], ...]]]:
    return [
        ("money", tuple(_as(v, f"{v.value.currency} {v.value.minor}") for v in amounts(text))),
        ("locator", locators(text)),
        ("flight", flights(text)),
        ("percent", tuple(_as(v, _plain(str(v.value))) for v in percentages(text))),
        ("time", _times(text)),
        ("date", tuple(_as(v, v.value.isoformat()) for v in dates(text, today=today))),
        ("duration", durations(text)),
        ("measure", _measures(text)),
        ("number", tuple(_as(v, _plain(str(v.value))) for v in numbers(text) if v.text.lower() != "one")),
    ]


def _times(text: str) -> tuple[Found[str], ...]:
    return tuple(found(m, _clock(m)) for m in _TIME.finditer(text))


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["h"] or match["h12"]), int(match["m"] or 0)
    half = (match["ap"] or match["ap1"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02d}:{minute:02d}"


def _measures(text: str) -> tuple[Found[str], ...]:
    values = [(m, read_number(m["n"])) for m in _MEASURE.finditer(text)]
    return disjoint([found(m, f"{_plain(str(n))} {_measure(m['u'])}") for m, n in values if n is not None])


def _measure(unit: str) -> str:
    return _MEASURE_NAMES.get(unit.lower(), unit.lower())


def _tokens(text: str) -> tuple[Found[Figure], ...]:
    return tuple(found(m, Figure(kind="token", value=m[0].upper())) for m in _TOKEN.finditer(text))


def _as(value: Found[object], canonical: str) -> Found[str]:
    return Found(value=canonical, text=value.text, start=value.start, end=value.end)


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _meet(one: Found[Figure], other: Found[Figure]) -> bool:
    return one.start < other.end and other.start < one.end
