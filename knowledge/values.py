"""The values that policy speaks of: typed literals as a policy owner writes them, and the words they are read as."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["bool", "int", "double", "string", "strings", "duration", "timestamp"]
Value: TypeAlias = bool | int | float | str | tuple[str, ...] | timedelta | datetime

_UNIT_SECONDS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1}
_UNIT_NAMES = {"y": "year", "w": "week", "d": "day", "h": "hour", "min": "minute", "m": "minute", "s": "second"}
_DURATION = re.compile(r"-?(?:\d+(?:y|w|d|h|min|m|s))+")
_DURATION_PART = re.compile(r"(\d+)(y|w|d|h|min|m|s)")
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
_QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)(kg|km|cm|%)")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZERO_DECIMAL = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})
_THREE_DECIMAL = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A named figure of a clause: what rules compute with, and the words its readers see."""

    kind: Kind
    value: Value
    text: str
    currency: str | None = None


def exponent(currency: str) -> int:
    """Decimal digits of a currency's minor unit (ISO 4217); special drawing rights are kept to two."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def render_money(minor: int, currency: str) -> str:
    """Write 24990 EUR as "249.90 EUR", and 60000 EUR as "600 EUR"."""
    digits = exponent(currency)
    amount = Decimal(minor).scaleb(-digits)
    whole = amount == amount.to_integral_value()
    number = f"{int(amount):,}" if whole else f"{amount:,.{digits}f}"
    return f"{number} {'SDR' if currency == 'XDR' else currency}".strip()


def parse_money(text: str) -> tuple[int, str] | None:
    """Read "249.90 EUR" as (24990, "EUR"); None when it is not money or has too many decimals."""
    match = _MONEY.fullmatch(text)
    if match is None:
        return None
    minor = Decimal(match[1]).scaleb(exponent(match[2]))
    return (int(minor), match[2]) if minor == minor.to_integral_value() else None


def parse_duration(text: str) -> timedelta | None:
    """Read "24h", "7d", "1h30min" or "-5h"; None when it is not a duration. A year counts 365 days."""
    if not _DURATION.fullmatch(text):
        return None
    seconds = sum(int(count) * _UNIT_SECONDS[unit] for count, unit in _DURATION_PART.findall(text))
    return timedelta(seconds=-seconds if text.startswith("-") else seconds)


def parse_instant(text: str) -> datetime | None:
    """Read an ISO date (midnight UTC) or an ISO date and time; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_term(raw: object) -> Term | None:
    """Type a term by the way it is written: 24h, 250 EUR, 23kg, 50%, 22:00, 2025-01-01, 3, true, words, [A, B]."""
    if isinstance(raw, bool):
        return Term(kind="bool", value=raw, text="yes" if raw else "no")
    if isinstance(raw, int):
        return Term(kind="int", value=raw, text=f"{raw:,}")
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        return Term(kind="strings", value=tuple(raw), text=_join_words([str(item) for item in raw]))
    return _parse_word(raw) if isinstance(raw, str) else None


def _parse_word(raw: str) -> Term:
    for reader in (_money_term, _duration_term, _quantity_term, _clock_term, _date_term):
        if term := reader(raw):
            return term
    return Term(kind="string", value=raw, text=raw)


def _money_term(raw: str) -> Term | None:
    money = parse_money(raw)
    return money and Term(kind="int", value=money[0], text=render_money(*money), currency=money[1])


def _duration_term(raw: str) -> Term | None:
    value = parse_duration(raw)
    if value is None:
        return None
    words = [f"{count} {_UNIT_NAMES[unit]}{'' if count == '1' else 's'}" for count, unit in _DURATION_PART.findall(raw)]
    return Term(kind="duration", value=value, text=_join_words(words))


def _quantity_term(raw: str) -> Term | None:
    match = _QUANTITY.fullmatch(raw)
    if match is None:
        return None
    number, unit = match[1], match[2]
    if unit in ("kg", "km"):
        return Term(kind="double", value=float(number), text=f"{Decimal(number):,} {unit}")
    return Term(kind="int", value=int(number), text=f"{int(number):,} {unit}") if number.isdigit() else None


def _clock_term(raw: str) -> Term | None:
    match = _CLOCK.fullmatch(raw)
    return match and Term(kind="duration", value=timedelta(hours=int(match[1]), minutes=int(match[2])), text=raw)


def _date_term(raw: str) -> Term | None:
    if not _DATE.fullmatch(raw):
        return None
    moment = parse_instant(raw)
    return Term(kind="timestamp", value=moment, text=render(moment)) if moment else None


def _join_words(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def render(value: Value) -> str:
    """The words a reader sees for a fact's value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return _render_duration(value)
    if isinstance(value, datetime):
        day = f"{value.day} {value:%B %Y}"
        return day if value.time() == datetime.min.time() else f"{day}, {value:%H:%M} {value.tzname() or ''}".strip()
    if isinstance(value, tuple):
        return _join_words(list(value))
    return f"{value:,}" if isinstance(value, int | float) else value


def _render_duration(value: timedelta) -> str:
    left, words = int(abs(value).total_seconds()), []
    for unit in ("d", "h", "min", "s"):
        count, left = divmod(left, _UNIT_SECONDS[unit])
        if count:
            words.append(f"{count} {_UNIT_NAMES[unit]}{'' if count == 1 else 's'}")
    return ("minus " if value < timedelta() else "") + (_join_words(words) or "no time")


def _exact(*kinds: type) -> Callable[[object], bool]:
    return lambda value: type(value) in kinds


_CHECKS: Mapping[Kind, Callable[[object], bool]] = {
    "bool": _exact(bool),
    "int": _exact(int),
    "double": _exact(float, int),
    "string": lambda value: isinstance(value, str),
    "strings": lambda value: isinstance(value, tuple | list) and all(isinstance(item, str) for item in value),
    "duration": lambda value: isinstance(value, timedelta),
    "timestamp": lambda value: isinstance(value, datetime) and value.tzinfo is not None,
}


def fits(kind: Kind, value: object) -> bool:
    """Whether a value is of a kind; exact on purpose, since a Python True would pass for an integer."""
    return _CHECKS[kind](value)


def parse_value(kind: Kind, raw: object) -> Value | None:
    """Read a value of a known kind as a case or a facts file writes it; None when it cannot be one."""
    if kind == "duration":
        return _parse_duration_value(raw)
    if kind == "timestamp":
        return parse_instant(raw.isoformat() if isinstance(raw, date) else raw) if isinstance(raw, str | date) else None
    if kind in ("int", "double") and isinstance(raw, str):
        term = parse_term(raw)
        return term.value if term and term.kind == kind else None
    return _as_value(kind, raw) if fits(kind, raw) else None


def write_value(value: Value) -> object:
    """As a case or a facts file writes it, so that parse_value reads the same again, to the second."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"-{-seconds}s" if seconds < 0 else f"{seconds}s"
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _parse_duration_value(raw: object) -> timedelta | None:
    if isinstance(raw, timedelta):
        return raw
    if not isinstance(raw, str):
        return None
    clock = _clock_term(raw)
    return clock.value if clock and isinstance(clock.value, timedelta) else parse_duration(raw)


def _as_value(kind: Kind, raw: object) -> Value | None:
    if isinstance(raw, list):
        return tuple(raw)
    if kind == "double" and isinstance(raw, int):
        return float(raw)
    return raw if isinstance(raw, bool | int | float | str | tuple | timedelta | datetime) else None
