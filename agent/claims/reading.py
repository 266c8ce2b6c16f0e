"""A text as the check reads it: units (sentences, list items) cut into segments, and in each the figures with what they
are said of. The same reader reads what a model writes and what the evidence says, so that the two can be compared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise

from agent.claims.contrasts import NEGATION as _NEGATION
from agent.claims.contrasts import Bound, Mark, Role, bound_at, counted_at, marked, role_at
from agent.claims.tongues import in_english, tongue_of
from agent.sentences import split_sentences
from tools.extract.figures import Figure, figures
from tools.extract.found import Found, words
from tools.extract.money import money_of

_REFERENCES = re.compile(
    r"(?:Council )?(?:Regulation|Directive)\s*\((?:EC|EU|EEC)\)\s*(?:No\.?\s*)?\d+/\d+|"
    r"\b(?:EC|EU|UK)\s?261(?:/2004)?\b|\b(?:Montreal )?Convention(?: of)? 1999\b|"
    r"\b(?:[46]|four|six)[ -](?:digit|character|letter)s?\b(?=\s(?:\w+\s)?(?:code|reference|locator|number)|\sand\b)|"
    r"\b(?:[46]|vier|sechs)-?stellig\w*",
    re.I,
)
"""Names of laws and of codes, which hold digits and claim nothing."""
_HARD_WRAP = re.compile(r"(?<=\S)[ \t]*\n(?![ \t]*(?:\n|[-*•]|\d+[.)]\s))[ \t]*")
_MAY_HOLD = re.compile(
    r"\d|[€$£¥%]|\b[A-Z]{6}\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|"
    r"fou?rty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|half|"
    r"an?\s(?:half|week|day|hour|month|year|minute|night)|per\s?cent|today|tonight|"
    r"tom\w+|tmrw?|yesterday|weekend|\w+day|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|january|february|march|april|may|"
    r"june|july|"
    r"august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b",
    re.I,
)
"""Without any of these a text holds no figure, and need not be searched for one."""
_OTHERWISE = re.compile(r"\b(?:otherwise|other ways?|in other cases|for the rest)\b", re.I)
_COUNTED = re.compile(r"\d+")
_EXCLAIMS = re.compile(r"\W*what an?\s[^?\d]*!\W*$", re.I)
_ONE = Figure(kind="number", value="1")
_ONE_OF = re.compile(r"\b(one)\s(?:[\w-]+\s){0,2}?(?:bags?|suitcases?|pieces?|guests?|passengers?)\b", re.I)
_MILES = re.compile(r"\bmiles\b", re.I)
_FEWEST_MILES = 500
_LIST_GLUE = re.compile(r"\s*(?:,|/|,?\s?(?:or|and|oder|und|ou|et|o|y|e|of|en|to|bis|-|–))\s*")
_ITEM = re.compile(r"\s*[-*•]\s")
_UNLESS = re.compile(r"\b(?:unless|except)\b[^.;]*:\s*$", re.I)
_ASIDE = re.compile(r"\([^()]*\)")
_SEPARATORS = (
    re.compile(r"[;:]\s"),
    re.compile(r",\s|\s[–—]\s"),
    re.compile(r"\s(?:and|but|or|while|whereas|plus|und|et|y|e|en|aber|oder)\s"),
    re.compile(r"\s(?:after|less|minus|with|instead of|nach|après|con)\s"),
)
_NARROWS = frozenset({"thing", "topic"})
"""Of these a sentence names parts of what its title is about: a pet's carrier goes under the seat."""
_ANCHORS = ("flight", "locator", "money", "percent", "duration", "measure", "number", "time", "date")
_WORDS = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure where it stands: what it is, and what the words around it make of it."""

    kind: str
    value: str
    bound: Bound
    role: Role
    counts: str
    """What a bare number counts."""
    start: int
    end: int

    @property
    def key(self) -> tuple[str, str]:
        return ("number" if self.kind == "token" else self.kind, self.value)


@dataclass(frozen=True, slots=True)
class Segment:
    text: str
    figures: tuple[Stated, ...]
    own: frozenset[Mark]
    around: frozenset[Mark]
    """own, and of sets that it does not name itself, what its unit names."""
    locators: frozenset[str]
    negative: bool


@dataclass(frozen=True)
class Unit:
    """A sentence or a list item. titled: what the title of its text names. Worked out as far as it is asked for."""

    text: str
    found: tuple[Found[Figure], ...]
    titled: frozenset[Mark] = frozenset()

    @cached_property
    def placed(self) -> tuple[tuple[int, Mark], ...]:
        return marked(self.text)

    @cached_property
    def marks(self) -> frozenset[Mark]:
        named = frozenset(mark for _, mark in self.placed)
        overruled = {kind for kind, _ in named} - _NARROWS
        return named | frozenset(mark for mark in self.titled if mark[0] not in overruled)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Each says one thing."""
        return tuple(_segment(self, start, end) for start, end in _spans(self.text, self.found))

    @cached_property
    def locators(self) -> frozenset[str]:
        return frozenset(figure.value.value for figure in self.found if figure.value.kind == "locator")

    @cached_property
    def words(self) -> frozenset[str]:
        """Its longer words, cut to their first letters: enough to tell whether two units speak of the same."""
        return stems(self.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """tongue: the language the figure words were read in, '' when unknown; doubtful: it may be another."""

    plain: str
    tongue: str
    doubtful: bool
    units: tuple[Unit, ...]

    @property
    def segments(self) -> Iterator[Segment]:
        return (segment for unit in self.units for segment in unit.segments)

    @property
    def figures(self) -> Iterator[Stated]:
        return (figure for unit in self.units if unit.found for segment in unit.segments for figure in segment.figures)


def read_evidence(text: str, title: str, today: date) -> Reading:
    """A text that may back sentences, under its title."""
    unwrapped = _HARD_WRAP.sub(" ", text)
    titled = frozenset(mark for _, mark in marked(title))
    return _read(_pieces(unwrapped), tongue_of(unwrapped), today, titled)


@lru_cache(maxsize=512)
def read_sentence(text: str, today: date) -> Reading:
    """One sentence of a reply."""
    return _read([text], tongue_of(text), today, frozenset())


def _pieces(text: str) -> list[str]:
    """Sentences and list items; an item under 'unless:' says so itself."""
    pieces: list[str] = []
    lead = ""
    for line in text.split("\n"):
        item = bool(_ITEM.match(line))
        told = [sentence.text for sentence in split_sentences(line)]
        pieces += [f"{lead}{piece}" for piece in told] if item else told
        if told and not item:
            lead = "unless " if _UNLESS.search(told[-1]) else ""
    return pieces


def _read(pieces: Sequence[str], told: tuple[str, bool], today: date, titled: frozenset[Mark]) -> Reading:
    tongue, sure = told
    plain = [_REFERENCES.sub(" ", in_english(piece, tongue)) for piece in pieces]
    units = tuple(_unit(piece, today, titled) for piece in plain if piece.strip())
    return Reading(plain=" ".join(plain), tongue=tongue, doubtful=not sure, units=units)


def _unit(text: str, today: date, titled: frozenset[Mark]) -> Unit:
    if not _MAY_HOLD.search(text) or _EXCLAIMS.match(text):
        return Unit(text, (), titled)
    found = _listed(text, merged_cents(figures(text, today=today)))
    found = sorted([*found, *_ones(text, found)], key=lambda figure: figure.start)
    found = [_in_miles(one) for one in found] if _MILES.search(text) else found
    return Unit(text, tuple(found), titled)


def _segment(unit: Unit, start: int, end: int) -> Segment:
    own = frozenset(mark for at, mark in unit.placed if start <= at < end)
    named = {kind for kind, _ in own} - _NARROWS
    inside = [figure for figure in unit.found if start <= figure.start < end]
    text = unit.text[start:end]
    otherwise = bool(_OTHERWISE.search(text))
    return Segment(
        text=text,
        figures=tuple(_stated(unit.text, start, end, figure) for figure in inside),
        own=own,
        around=own if otherwise else own | frozenset(mark for mark in unit.marks if mark[0] not in named),
        locators=frozenset(f.value.value for f in inside if f.value.kind == "locator"),
        negative=bool(_NEGATION.search(text)),
    )


def _stated(text: str, start: int, end: int, figure: Found[Figure]) -> Stated:
    kind, value = figure.value.kind, figure.value.value
    if kind == "token" and value.isdigit():
        kind = "number"
    clause = text[start:end]
    at, to = figure.start - start, figure.end - start
    money = kind in ("money", "percent")
    return Stated(
        kind=kind,
        value=value,
        bound=bound_at(clause, at, to),
        role=role_at(clause, at, to) if money else "",
        counts=counted_at(clause, to) if kind == "number" else "",
        start=figure.start,
        end=figure.end,
    )


def merged_cents(found: Sequence[Found[Figure]]) -> list[Found[Figure]]:
    """'224 euros and 90 cents' is one amount."""
    out: list[Found[Figure]] = []
    for figure in found:
        before = out[-1] if out else None
        if before is not None and _is_cents(figure) and before.value.kind == "money" and figure.start - before.end <= 5:
            currency, minor = before.value.value.split()
            whole = int(minor) + int(figure.value.value.split()[1])
            value = Figure(kind="money", value=f"{currency} {whole}")
            out[-1] = Found(value=value, text=before.text, start=before.start, end=figure.end)
        else:
            out.append(figure)
    return out


def _ones(text: str, found: Sequence[Found[Figure]]) -> list[Found[Figure]]:
    """'one suitcase' counts; 'one' alone does not."""
    ones = (Found(value=_ONE, text=m[1], start=m.start(1), end=m.end(1)) for m in _ONE_OF.finditer(text))
    return [one for one in ones if not any(one.start < other.end and other.start < one.end for other in found)]


def _in_miles(figure: Found[Figure]) -> Found[Figure]:
    """'silver from 25,000 miles, gold from 50,000': large bare numbers beside miles are miles."""
    value = figure.value.value
    if figure.value.kind != "number" or not value.isdigit() or int(value) < _FEWEST_MILES:
        return figure
    miles = Figure(kind="measure", value=f"{value} miles")
    return Found(value=miles, text=figure.text, start=figure.start, end=figure.end)


def _listed(text: str, found: Sequence[Found[Figure]]) -> list[Found[Figure]]:
    """'250, 400 or 600 EUR' is three amounts, '2, 3 or 4 hours' three lengths of time."""
    out = list(found)
    for at in range(len(out) - 2, -1, -1):
        one, two = out[at], out[at + 1]
        glued = one.value.kind == "number" and _LIST_GLUE.fullmatch(text[one.end : two.start])
        like = _like(one.value.value, two) if glued else None
        if like is not None:
            out[at] = Found(value=like, text=one.text, start=one.start, end=one.end)
    return out


def _like(number: str, figure: Found[Figure]) -> Figure | None:
    """The number in the unit of the figure after it."""
    kind, value = figure.value.kind, figure.value.value
    if kind == "percent":
        return Figure(kind=kind, value=number)
    if kind == "money":
        currency = value.split()[0]
        return Figure(kind=kind, value=f"{currency} {money_of(Decimal(number), currency).minor}")
    if kind == "measure":
        return Figure(kind=kind, value=f"{number} {value.split()[-1]}")
    counted = _COUNTED.match(figure.text)
    if kind == "duration" and counted and value.startswith("PT") and int(counted[0]):
        minutes = Decimal(value[2:-1]) / int(counted[0]) * Decimal(number)
        return Figure(kind=kind, value=f"PT{minutes.normalize():f}M")
    return None


def _is_cents(figure: Found[Figure]) -> bool:
    return figure.value.kind == "money" and figure.text.lower().endswith(("cent", "cents", "pence"))


def _spans(text: str, found: Sequence[Found[Figure]]) -> list[tuple[int, int]]:
    """Cut between figures of one kind, so that each segment says one thing: '250 EUR up to 1,500 km |"
    " and 400 EUR ...'."""
    anchors = _anchors(found)
    leads = bool(anchors) and any(f.start < anchors[0].start for f in found if f not in anchors)
    cuts = [cut for one, two in pairwise(anchors) if (cut := _cut(text, one.end, two.start, leads)) is not None]
    edges = [0, *cuts, len(text)]
    return [(start, end) for start, end in pairwise(edges) if end > start]


def _anchors(found: Sequence[Found[Figure]]) -> list[Found[Figure]]:
    for kind in _ANCHORS:
        of_kind = [figure for figure in found if figure.value.kind == kind]
        units = [figure.value.value.split()[-1] if kind == "measure" else "" for figure in of_kind]
        unit = max(set(units), key=units.count, default="")
        if units.count(unit) > 1:
            return [figure for figure, own in zip(of_kind, units, strict=True) if own == unit]
    return []


def _cut(text: str, start: int, end: int, leads: bool) -> int | None:
    """The strongest separator between two figures: the first when what goes with a figure stands before it, else the
    last."""
    between = _ASIDE.sub(lambda aside: "_" * len(aside[0]), text[start:end])
    for separator in _SEPARATORS:
        places = [start + match.start() for match in separator.finditer(between)]
        if places:
            return places[0] if leads else places[-1]
    return None


def stems(text: str) -> frozenset[str]:
    return frozenset(word[:5] for word in _WORDS.findall(text.lower()) if word not in _COMMON)


_COMMON = words(
    "the and for you your are with that this from have has will our can not may any all each per was been would there "
    "than then its they them free charge full also here what which when get"
)
