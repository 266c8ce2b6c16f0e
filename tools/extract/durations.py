"""Lengths of time, and percentages: '24h', 'an hour and a half', 'two weeks', '30 per cent'."""

import re
from decimal import Decimal

from tools.extract.found import Found, disjoint, found
from tools.extract.numbers import NUMBER, read_number

# ISO 8601 style: minutes for what has a fixed length, months for what has not.
_MINUTES = {"min": 1, "hour": 60, "day": 1440, "week": 10080}
_MONTHS = {"month": 1, "year": 12}
_NAMES = {
    "m": "min", "min": "min", "mins": "min", "minute": "min", "minutes": "min", "h": "hour", "hr": "hour",
    "hrs": "hour", "hour": "hour", "hours": "hour", "d": "day", "day": "day", "days": "day", "night": "day",
    "nights": "day", "week": "week", "weeks": "week", "month": "month", "months": "month", "year": "year",
    "years": "year", "yr": "year", "yrs": "year", "stunden": "hour", "tage": "day", "tagen": "day", "heures": "hour",
    "jours": "day", "horas": "hour", "días": "day", "dias": "day", "ore": "hour", "giorni": "day", "uur": "hour",
    "dagen": "day",
}  # fmt: skip
_UNIT = "|".join(sorted(_NAMES, key=len, reverse=True))
_PART = rf"(?:(?P<n>{NUMBER}|an?\b|half\s+an?\b)[\s-]?(?P<u>{_UNIT})\b)"
_PATTERN = re.compile(
    rf"(?<![\w.,])(?P<first>{_PART.replace('?P<n>', '?P<n1>').replace('?P<u>', '?P<u1>')})"
    rf"(?P<half>\s+and\s+a\s+half)?"
    rf"(?:(?:\s+(?:and\s+)?|"
    rf"(?<=h)){_PART.replace('?P<n>', '?P<n2>').replace('?P<u>', '?P<u2>')})?(?!['’]?\s?old)(?!\w)",
    re.I,
)
_PERCENT = re.compile(rf"(?<![\w.,])({NUMBER})\s?(?:%|per\s?cent\b|prozent\b|pour\s?cent\b|por\s?ciento\b)", re.I)


def durations(text: str) -> tuple[Found[str], ...]:
    """'24 hours' and '1 day' -> PT1440M; 'a year' -> P12M. Equal lengths have equal values."""
    return disjoint([found(m, value) for m in _PATTERN.finditer(text) if (value := _read(m)) is not None])


def percentages(text: str) -> tuple[Found[Decimal], ...]:
    return tuple(found(m, value) for m in _PERCENT.finditer(text) if (value := read_number(m[1])) is not None)


def _read(match: re.Match[str]) -> str | None:
    parts = [_part(match["n1"], match["u1"], half=bool(match["half"]))]
    if match["n2"]:
        parts.append(_part(match["n2"], match["u2"], half=False))
    minutes = sum((part[0] for part in parts), Decimal(0))
    months = sum((part[1] for part in parts), Decimal(0))
    if months and minutes:
        return None
    return f"P{_plain(months)}M" if months else f"PT{_plain(minutes)}M"


def _part(number: str, unit: str, *, half: bool) -> tuple[Decimal, Decimal]:
    name = _NAMES[unit.lower()]
    count = _count(number) + (Decimal("0.5") if half else 0)
    return count * _MINUTES.get(name, 0), count * _MONTHS.get(name, 0)


def _count(number: str) -> Decimal:
    word = number.lower().strip()
    if word in ("a", "an"):
        return Decimal(1)
    if word.startswith("half") and word.split()[-1] in ("a", "an"):
        return Decimal("0.5")
    return read_number(word) or Decimal(0)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
