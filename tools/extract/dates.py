"""Dates as people say them, resolved against today; a date without a year is the next one to come."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from tools.extract.found import Found, disjoint, found
from tools.extract.numbers import WORDS, read_number

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tues tue",
            "wednesday wed",
            "thursday thurs thur thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
_RELATIVE = {"today": 0, "tonight": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1, "tmrw": 1, "tmr": 1, "yesterday": -1}

_ONES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    "tenth",
    "eleventh",
    "twelfth",
    *(f"{n}teenth" for n in ("thir", "four", "fif", "six", "seven", "eigh", "nine")),
)
_TWENTIES = ("twentieth", *(f"twenty-{one}" for one in _ONES))
_ORDINALS = {name: day for day, name in enumerate((*_ONES, *_TEENS, *_TWENTIES, "thirtieth", "thirty-first"), start=1)}

_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:[.,]{0,2}\s+(?P<year>20\d\d))?"
_WEEKDAY = r"(?:\b(?:" + "|".join(sorted(_DAYS, key=len, reverse=True)) + r")\b\.?,?\s+(?:the\s+)?)?"
_DAY_MONTH = re.compile(rf"(?<![\w.,/]){_WEEKDAY}{_DAY}\s*(?:of\s+)?{_MONTH}{_YEAR}(?!\w)", re.I)
_MONTH_DAY = re.compile(rf"(?<!\w){_WEEKDAY}{_MONTH}\.?\s+(?:the\s+)?{_DAY}{_YEAR}(?![\w%:]|[.,]\d)", re.I)
_SAID_DAY = r"(?P<day>" + "|".join(sorted(_ORDINALS, key=len, reverse=True)).replace("-", "[- ]") + ")"
_NTH_OF_MONTH = re.compile(rf"(?<!\w){_WEEKDAY}{_SAID_DAY}\s+of\s+{_MONTH}{_YEAR}(?!\w)", re.I)
_MONTH_NTH = re.compile(rf"(?<!\w)(?!may\s+(?!the\b)){_MONTH}\s+(?:the\s+)?{_SAID_DAY}{_YEAR}(?!\w)", re.I)
_ISO = re.compile(r"(?<![\w-])(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])")
_NUMERIC = re.compile(
    r"(?<![\w./-])(?P<day>[0-3]?\d)(?P<sep>[/.])(?P<month>[01]?\d)(?:(?P=sep)(?P<year>20\d\d|\d\d)|"
    r"(?<=\d)\.(?=\s|$)|(?!\.?\d))(?![\w/])"
)
_THE_NTH = re.compile(r"(?<!\w)(?P<said>the\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th))(?!\w)", re.I)
_NAMED_DAY = re.compile(
    r"(?<!\w)(?:(?P<which>next|this|coming|last)\s+)?(?P<name>"
    + "|".join(sorted(_DAYS, key=len, reverse=True))
    + r")(?![\w.]\w)(?!\w)",
    re.I,
)
_RELATIVE_DAY = re.compile(
    r"(?<!\w)(?:(?P<after>the\s+day\s+after\s+tomorrow)|(?P<name>" + "|".join(_RELATIVE) + r"))(?!\w)", re.I
)
_IN_DAYS = re.compile(rf"(?<!\w)in\s+(?P<n>\d{{1,3}}|an?|{WORDS})\s+(?P<unit>days?|weeks?)(?!\w)", re.I)
_WEEKEND = re.compile(r"(?<!\w)(?:this|the|next)\s+weekend(?!\w)", re.I)
_AMBIGUOUS = frozenset({"sun", "sat", "wed", "mon"})


def dates(text: str, *, today: date) -> tuple[Found[date], ...]:
    """'next Friday' on Tuesday 2026-11-24 -> 2026-12-04; '14/8' -> day first. Impossible dates are not dates."""
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
        (_ISO, _calendar), (_DAY_MONTH, _calendar), (_MONTH_DAY, _calendar),
        (_NTH_OF_MONTH, _calendar), (_MONTH_NTH, _calendar), (_NUMERIC, _numeric), (_THE_NTH, _nth),
        (_NAMED_DAY, _weekday), (_RELATIVE_DAY, _relative), (_IN_DAYS, _in_days), (_WEEKEND, _weekend),
    )  # fmt: skip
    return disjoint(
        [found(m, value) for pattern, read in readers for m in pattern.finditer(text) if (value := read(m, today))]
    )


def _calendar(match: re.Match[str], today: date) -> date | None:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTHS[month.lower()]
    day = match["day"].lower().replace(" ", "-")
    return _resolve(match["year"], number, _ORDINALS.get(day) or int(day), today)


def _numeric(match: re.Match[str], today: date) -> date | None:
    if match["sep"] == "." and not match["year"] and not match[0].endswith("."):
        return None  # '3.5' is a number
    return _resolve(match["year"], int(match["month"]), int(match["day"]), today)


def _resolve(year: str | None, month: int, day: int, today: date) -> date | None:
    if year:
        return _make(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this_year = _make(today.year, month, day)
    if this_year and this_year >= today:
        return this_year
    return _make(today.year + 1, month, day) or this_year


def _nth(match: re.Match[str], today: date) -> date | None:
    day, year, month = int(match["day"]), today.year, today.month
    for _ in range(13):
        if day and day <= monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _weekday(match: re.Match[str], today: date) -> date | None:
    name = match["name"].lower()
    which = (match["which"] or "").lower()
    if name in _AMBIGUOUS and not (which or match["name"][0].isupper()):
        return None
    ahead = (_DAYS[name] - today.weekday()) % 7
    if which == "last":
        return today - timedelta(days=(7 - ahead) % 7 or 7)
    if which == "next":
        return _next_week(today, ahead)
    return today + timedelta(days=ahead or (0 if which == "this" else 7))


def _next_week(today: date, ahead: int) -> date:
    """'next Friday' is the Friday of the coming calendar week."""
    target = today + timedelta(days=ahead or 7)
    same_week = target.isocalendar()[:2] == today.isocalendar()[:2]
    return target + timedelta(days=7) if same_week else target


def _relative(match: re.Match[str], today: date) -> date | None:
    return today + timedelta(days=2 if match["after"] else _RELATIVE[match["name"].lower()])


def _in_days(match: re.Match[str], today: date) -> date | None:
    word = match["n"].lower()
    count = 1 if word in ("a", "an") else read_number(word)
    if count is None or count > 400:
        return None
    return today + timedelta(days=int(count) * (7 if match["unit"].lower().startswith("week") else 1))


def _weekend(match: re.Match[str], today: date) -> date | None:
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    return saturday + timedelta(days=7) if match[0].lower().startswith("next") else saturday


def _make(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)
