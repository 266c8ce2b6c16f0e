"""Numbers in digits and in words. The word grammar is English; single words of the neighbouring languages count too."""

import re
from decimal import Decimal

from tools.extract.found import Found, disjoint, found

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES: dict[str, int] = {word: n for n, word in enumerate(_SMALL)}
_VALUES |= {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_VALUES |= {"fourty": 40, "dozen": 12}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_FOREIGN: dict[str, int] = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12,
    "zwanzig": 20, "dreißig": 30, "fünfzig": 50, "hundert": 100, "zweihundert": 200, "dreihundert": 300,
    "vierhundert": 400, "fünfhundert": 500, "sechshundert": 600, "tausend": 1000, "zweihundertfünfzig": 250,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12,
    "vingt": 20, "trente": 30, "cinquante": 50, "cent": 100, "mille": 1000,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "doce": 12,
    "veinte": 20, "treinta": 30, "cincuenta": 50, "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300,
    "cuatrocientos": 400, "quinientos": 500, "seiscientos": 600, "mil": 1000,
    "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "otto": 8, "nove": 9, "dieci": 10, "venti": 20, "trenta": 30,
    "cinquanta": 50, "cento": 100, "duecento": 200, "duecentocinquanta": 250, "quattrocento": 400, "seicento": 600,
    "twee": 2, "drie": 3, "vijf": 5, "zes": 6, "zeven": 7, "negen": 9, "tien": 10, "honderd": 100, "duizend": 1000,
    "dois": 2, "três": 3, "quatro": 4, "oito": 8, "dez": 10, "cem": 100, "duzentos": 200, "seiscentos": 600,
}  # fmt: skip

_WORD = "|".join(sorted([*_VALUES, *_SCALES], key=len, reverse=True))
WORDS = rf"(?:(?:a|half\s+a)\s+(?:hundred|thousand|million|dozen)|(?:{_WORD}))(?:[\s-]+(?:and\s+)?(?:{_WORD})){{0,8}}"
DIGITS = r"\d{1,3}(?:[,.\u00a0\u202f' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
NUMBER = rf"(?:{DIGITS}|\b{WORDS}\b(?:\s+and\s+a\s+half)?)"
_NUMBER = re.compile(rf"(?<![\w.,])({NUMBER})(?![\w]|[.,]\d)", re.I)
_OTHER_TONGUES = re.compile(r"\b(" + "|".join(sorted(_FOREIGN, key=len, reverse=True)) + r")\b", re.I)


def numbers(text: str) -> tuple[Found[Decimal], ...]:
    """'1,500' -> 1500; 'two hundred and fifty' -> 250; '3.5' -> 3.5."""
    plain = [found(m, value, 1) for m in _NUMBER.finditer(text) if (value := read_number(m[1])) is not None]
    foreign = [found(m, Decimal(_FOREIGN[m[1].lower()]), 1) for m in _OTHER_TONGUES.finditer(text)]
    return disjoint([*plain, *foreign])


def read_number(words: str) -> Decimal | None:
    """The value of one number in digits or words; None when it is neither."""
    compact = words.strip().lower()
    return _read_digits(compact) if compact[:1].isdigit() else _read_words(compact)


def _read_digits(text: str) -> Decimal | None:
    """A separator before exactly three digits groups thousands; the last one before one or two digits is decimal."""
    compact = re.sub(r"[\s\u00a0\u202f']", "", text)
    match = re.fullmatch(r"(\d+(?:[.,]\d{3})*)(?:[.,](\d{1,2}))?", compact) or re.fullmatch(r"(\d+)[.,](\d+)", compact)
    if match is None:
        return None
    whole, fraction = re.sub(r"[.,]", "", match[1]), match[2]
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def _read_words(text: str) -> Decimal | None:
    half = text.endswith("and a half")
    words = [t for t in re.split(r"[\s-]+", text.removesuffix("and a half")) if t and t != "and"]
    if words[:2] == ["half", "a"]:
        inner = _read_words(" ".join(["a", *words[2:]]))
        return inner / 2 if inner is not None else None
    total, current = 0, 0
    for word in words:
        if word in _SCALES or (word == "dozen" and current):
            current = max(current, 1) * _SCALES.get(word, 12)
            if word in ("thousand", "million"):
                total, current = total + current, 0
        elif word in _VALUES:
            current += _VALUES[word]
        elif word != "a":
            return None
    return Decimal(total + current) + (Decimal("0.5") if half else 0)
