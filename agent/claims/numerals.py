"""Number words of six languages beside English. Each language is spelled, not parsed: what is spelled can be read."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Literal

Tongue = Literal["de", "fr", "es", "it", "nl", "pt"]


def _in_order(text: str) -> list[str]:
    return text.split()


_DE = _in_order(
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn "
    "sechzehn siebzehn achtzehn neunzehn"
)
_DE_TENS = _in_order("zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig")
_FR = _in_order(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix_sept dix_huit dix_neuf"
)
_FR_TENS = _in_order("vingt trente quarante cinquante soixante")
_ES = _in_order(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco "
    "veintiséis veintisiete veintiocho veintinueve"
)
_ES_TENS = _in_order("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_ES_HUNDREDS = _in_order(
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)
_IT = _in_order(
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove"
)
_IT_TENS = _in_order("venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
_NL = _in_order(
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien"
)
_NL_TENS = _in_order("twintig dertig veertig vijftig zestig zeventig tachtig negentig")
_PT = _in_order(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis "
    "dezassete dezoito dezanove"
)
_PT_TENS = _in_order("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_PT_HUNDREDS = _in_order("cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos")
_THOUSAND: Mapping[Tongue, str] = {
    "de": "tausend",
    "fr": "mille",
    "es": "mil",
    "it": "mila",
    "nl": "duizend",
    "pt": "mil",
}
_JOINED = frozenset({"de", "it", "nl"})


@lru_cache(maxsize=8)
def number_words(tongue: Tongue) -> Mapping[str, int]:
    """'zweihundertfünfzig' -> 250, 'quatre vingt dix' -> 90 (hyphens as blanks), from 2 up to twenty thousand."""
    spell = _SPELLERS[tongue]
    words = {word: n for n in range(999, 1, -1) for word in spell(n)}
    for n in (*range(1100, 10000, 100), *range(1000, 21000, 1000)):
        words |= dict.fromkeys(_thousands(n, tongue, spell), n)
    return words


def _thousands(n: int, tongue: Tongue, spell: Callable[[int], Iterator[str]]) -> Iterator[str]:
    glue = "" if tongue in _JOINED else " "
    many, rest = divmod(n, 1000)
    word = "mille" if tongue == "it" and many == 1 else _THOUSAND[tongue]
    heads = [word] if many == 1 else [f"{head}{glue}{word}" for head in spell(many)]
    for head in heads:
        yield from ([f"{head}{glue}{tail}" for tail in spell(rest)] if rest else [head])


def _german(n: int) -> Iterator[str]:
    hundreds, rest = divmod(n, 100)
    heads = [""] if not hundreds else ["hundert", "einhundert"] if hundreds == 1 else [f"{_DE[hundreds]}hundert"]
    tail = _below_hundred(rest, _DE, _DE_TENS, "und") if rest else ""
    yield from (head + tail for head in heads)


def _dutch(n: int) -> Iterator[str]:
    hundreds, rest = divmod(n, 100)
    head = "" if not hundreds else "honderd" if hundreds == 1 else f"{_NL[hundreds]}honderd"
    tail = _below_hundred(rest, _NL, _NL_TENS, "en") if rest else ""
    yield head + tail
    if "tweeen" in tail or "drieen" in tail:
        yield head + tail.replace("tweeen", "tweeën").replace("drieen", "drieën")


def _below_hundred(n: int, small: list[str], tens: list[str], glue: str) -> str:
    if n < 20:
        return small[n]
    ten, unit = divmod(n, 10)
    return f"{small[unit]}{glue}{tens[ten - 2]}" if unit else tens[ten - 2]


def _french(n: int) -> Iterator[str]:
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        yield _french_tens(n)
        if rest in range(70, 80) or rest in range(90, 100):
            swiss = "septante" if rest < 80 else "nonante"
            yield _tens_with(swiss, rest % 10)
        return
    head = "cent" if hundreds == 1 else f"{_FR[hundreds]} cent"
    yield f"{head} {_french_tens(rest)}" if rest else head
    if hundreds > 1 and not rest:
        yield f"{head}s"


def _french_tens(n: int) -> str:
    if n < 20:
        return _FR[n].replace("_", " ")
    if n < 70:
        return _tens_with(_FR_TENS[n // 10 - 2], n % 10)
    if n < 80:
        return "soixante et onze" if n == 71 else f"soixante {_french_tens(n - 60)}"
    return "quatre vingts" if n == 80 else f"quatre vingt {_french_tens(n - 80)}"


def _tens_with(ten: str, unit: int) -> str:
    return ten if not unit else f"{ten} et un" if unit == 1 else f"{ten} {_FR[unit]}"


def _spanish(n: int) -> Iterator[str]:
    hundreds, rest = divmod(n, 100)
    tail = "" if not rest else _ES[rest] if rest < 30 else _linked(rest, _ES, _ES_TENS, 3, " y ")
    if not hundreds:
        yield tail
        return
    head = _ES_HUNDREDS[hundreds - 1]
    for form in (head, f"{head[:-2]}as") if hundreds > 1 else (head,):
        yield f"{form} {tail}" if tail else ("cien" if hundreds == 1 else form)


def _portuguese(n: int) -> Iterator[str]:
    hundreds, rest = divmod(n, 100)
    tail = "" if not rest else _PT[rest] if rest < 20 else _linked(rest, _PT, _PT_TENS, 2, " e ")
    head = "" if not hundreds else _PT_HUNDREDS[hundreds - 1] if rest or hundreds > 1 else "cem"
    for form in (tail, tail.replace("dezasse", "dezesse").replace("dezanove", "dezenove")):
        yield f"{head} e {form}" if head and form else head or form


def _linked(n: int, small: list[str], tens: list[str], first: int, glue: str) -> str:
    ten, unit = divmod(n, 10)
    return f"{tens[ten - first]}{glue}{small[unit]}" if unit else tens[ten - first]


def _italian(n: int) -> Iterator[str]:
    hundreds, rest = divmod(n, 100)
    head = "" if not hundreds else "cento" if hundreds == 1 else f"{_IT[hundreds]}cento"
    yield head + (_italian_tens(rest) if rest else "")


def _italian_tens(n: int) -> str:
    if n < 20:
        return _IT[n]
    ten, unit = divmod(n, 10)
    word = _IT_TENS[ten - 2]
    tail = "tré" if unit == 3 else _IT[unit] if unit else ""
    return (word[:-1] if unit in (1, 8) else word) + tail


_SPELLERS: Mapping[Tongue, Callable[[int], Iterator[str]]] = {
    "de": _german,
    "fr": _french,
    "es": _spanish,
    "it": _italian,
    "nl": _dutch,
    "pt": _portuguese,
}
