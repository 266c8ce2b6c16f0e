"""Amounts of money: a sign, a code or a word for the currency beside a number in digits or words."""

import re
from decimal import ROUND_HALF_UP, Decimal

from tools.domain.money import Money, format_minor
from tools.extract.found import Found, disjoint, found
from tools.extract.numbers import NUMBER, read_number

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "US$": "USD", "C$": "CAD", "CA$": "CAD", "¥": "JPY"}
_CODES = [
    "EUR",
    "USD",
    "GBP",
    "CAD",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "JPY",
    "AUD",
    "TRY",
    "ISK",
    "XDR",
    "SDR",
]
_WORDS = {
    "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "us dollars": "USD", "bucks": "USD",
    "canadian dollars": "CAD", "pound": "GBP", "pounds": "GBP", "pounds sterling": "GBP", "quid": "GBP",
    "swiss francs": "CHF", "francs": "CHF", "yen": "JPY", "zloty": "PLN", "special drawing rights": "XDR",
    "kronor": "SEK", "kroner": "NOK",
}  # fmt: skip
_CENTS = {"cent": "EUR", "cents": "EUR", "pence": "GBP"}

_SIGN = r"(?P<sign>US\$|CA?\$|[€$£¥])"
_UNIT = rf"(?P<unit>{'|'.join(_CODES)}|{'|'.join(sorted(_WORDS, key=len, reverse=True))}|cents?|pence)"
_PREFIXED = re.compile(rf"(?<![\w]){_SIGN}\s?(?P<number>{NUMBER})(?![\w])", re.I)
_CODED = re.compile(rf"(?<![\w])(?P<unit>{'|'.join(_CODES)})\s?(?P<number>{NUMBER})(?![\w])")
_SUFFIXED = re.compile(rf"(?<![\w.,])(?P<number>{NUMBER})[\s-]?(?:{_UNIT}(?!\w)|{_SIGN})", re.I)


def amounts(text: str) -> tuple[Found[Money], ...]:
    """'€249.90', '600 euros', 'two hundred and fifty EUR' -> Money in minor units."""
    matches = [m for pattern in (_PREFIXED, _CODED, _SUFFIXED) for m in pattern.finditer(text)]
    return disjoint([found(m, value) for m in matches if (value := _read(m)) is not None])


def money_of(amount: Decimal, currency: str) -> Money:
    """Major units to Money; halves round up."""
    digits = len(format_minor(0, currency).split()[0].partition(".")[2])
    minor = (amount * 10**digits).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Money(currency=currency, minor=int(minor))


def _read(match: re.Match[str]) -> Money | None:
    groups = match.groupdict()
    number = read_number(groups["number"])
    if number is None:
        return None
    unit = (groups.get("unit") or "").lower()
    if unit in _CENTS:
        return Money(currency=_CENTS[unit], minor=int(number))
    sign = groups.get("sign")
    code = _SIGNS[sign.upper()] if sign else _WORDS.get(unit, unit.upper())
    return money_of(number, "XDR" if code == "SDR" else code)
