"""Whether a text holds a figure in the sense a sentence gives it: of the same fare, bag or booking, in the same band,
in the same direction of money. A figure that stands there in another sense is no evidence."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from agent.claims.contrasts import BANDED, OTHER_SIDE, Mark, roles_agree
from agent.claims.reading import Reading, Segment, Stated, Unit, read_evidence

_PAIRED = frozenset({"money", "percent", "measure", "duration", "date", "time", "flight"})
_BANDED_KINDS = frozenset({"money", "percent"})
_STEP_WORD = re.compile(r"\b(?:(?P<short>short(?:er)?|nearby)|(?P<long>long(?:er)?|far)(?!\sdelay))\b", re.I)
STRICT = frozenset({"fare", "cabin", "tier", "paying"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text states a figure."""

    unit: Unit
    segment: Segment
    stated: Stated


@dataclass(frozen=True)
class Indexed:
    """A read text with its figures by value."""

    reading: Reading

    @cached_property
    def places(self) -> Mapping[tuple[str, str], tuple[Place, ...]]:
        found: dict[tuple[str, str], tuple[Place, ...]] = {}
        for unit in self.reading.units:
            for segment in unit.segments:
                for stated in segment.figures:
                    found[stated.key] = (*found.get(stated.key, ()), Place(unit, segment, stated))
        return found

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(self.reading.segments)

    def holds(
        self, claim: Segment, figure: Stated, *, whole: Unit, locators: frozenset[str], of: str | None, rule: bool
    ) -> bool:
        """claim: the segment of the sentence (`whole`) that states the figure. locators: the bookings it speaks of;
        of: the booking this text is about. rule: the text is a rule with bands, not one person's decision."""
        places = self.places.get(figure.key, ())
        if not any(self._agrees(claim, figure, place, locators, of, rule=rule) for place in places):
            return False
        if not rule:
            return True
        if self._displaced(claim, figure):
            return False
        return figure.kind not in _BANDED_KINDS or not (self._dropped(whole, figure) or self._other_step(claim, figure))

    def _agrees(
        self, claim: Segment, figure: Stated, place: Place, locators: frozenset[str], of: str | None, *, rule: bool
    ) -> bool:
        there = place.stated
        return (
            _same_booking(place.unit, locators, of)
            and roles_agree(figure.role, there.role)
            and (not figure.counts or not there.counts or figure.counts == there.counts)
            and same_marks(claim.around, place.segment.around)
            and self._same_bound(claim, figure, place)
            and all(self._paired(figure, other, place, rule=rule) for other in _partners(claim, figure))
        )

    def _same_bound(self, claim: Segment, figure: Stated, place: Place) -> bool:
        ours, theirs = figure.bound, place.stated.bound
        if not ours or not theirs or ours == theirs:
            return True
        if claim.negative or place.segment.negative:
            return True
        rest = [self.places.get(other.key, ()) for other in claim.figures if not _alike(other, figure)]
        return any(_is_other(their.segment) for theirs in rest for their in theirs)

    def _paired(self, figure: Stated, other: Stated, place: Place, *, rule: bool) -> bool:
        """Neither of the two may stand beside another figure of the other's kind instead: in a rule within the same
        segment, in a record within the same line."""
        theirs = self.places.get(other.key, ())
        if self._next_band(other, theirs):
            return _is_other(place.segment)
        if self._next_band(figure, (place,)):
            return any(_is_other(their.segment) for their in theirs)
        here = [stated for stated in _beside(place, rule=rule) if _alike(stated, other)]
        if here and all(stated.key != other.key for stated in here):
            return False
        rivals = [[s for s in _beside(their, rule=rule) if _alike(s, figure)] for their in theirs]
        beside = [group for group in rivals if group]
        return not beside or any(s.key == figure.key for group in beside for s in group)

    def _next_band(self, other: Stated, theirs: Sequence[Place]) -> bool:
        """'over 3,500 km' where the text says 'up to 3,500 km': the claim is about the band after it."""
        bounds = {place.stated.bound for place in theirs}
        return other.kind == "measure" and bool(other.bound) and bool(bounds) and not bounds & {other.bound, ""}

    def _displaced(self, claim: Segment, figure: Stated) -> bool:
        """A fare or cabin that the claim names has a figure of this kind here, and it is another one, or none."""
        if self._other_band(claim, figure):
            return True
        ours = _by_set(mark for mark in claim.own if mark[0] in STRICT)
        return any(all(self._elsewhere((kind, member), figure) for member in ours[kind]) for kind in ours)

    def _elsewhere(self, mark: Mark, figure: Stated) -> bool:
        named = [segment for segment in self.segments if mark in segment.own]
        stated = [s for segment in named for s in segment.figures if _alike(s, figure)]
        if stated:
            return all(s.key != figure.key for s in stated)
        return bool(named) and all(_bare(segment) for segment in named)

    def _other_band(self, claim: Segment, figure: Stated) -> bool:
        """The claim speaks of 'longer flights', and here another figure stands for them."""
        if not _is_other(claim):
            return False
        others = [s for segment in self.segments if _is_other(segment) for s in segment.figures if _alike(s, figure)]
        return bool(others) and all(s.key != figure.key for s in others)

    def _other_step(self, claim: Segment, figure: Stated) -> bool:
        """'short flights' takes the first step of a scale, 'long flights' not the first."""
        told = _STEP_WORD.search(claim.text)
        scale = [
            s.value for segment in self.segments for s in segment.figures if _alike(s, figure) and _stepped(segment)
        ]
        if told is None or len(scale) < 2 or figure.value not in scale:
            return False
        first = figure.value == scale[0]
        return not first if told["short"] else first

    def _dropped(self, whole: Unit, figure: Stated) -> bool:
        """One figure of a scale told without its step: '600 EUR' where the text says 250, 400 or 600 by distance."""
        scale = {
            s.value for segment in self.segments for s in segment.figures if _alike(s, figure) and _stepped(segment)
        }
        said = [s for segment in whole.segments for s in segment.figures]
        if figure.value not in scale or len(scale) < 2 or scale <= {s.value for s in said} or BANDED.search(whole.text):
            return False
        if any(_is_other(place.segment) for place in self.places[figure.key]) and any(
            s.kind == "measure" for s in said
        ):
            return False  # the open end of the scale, told by where the step before it ends
        steps = {s.key for place in self.places[figure.key] for s in place.segment.figures if s.kind == "measure"}
        return not any(s.key in steps for s in said)


@lru_cache(maxsize=4096)
def indexed(text: str, title: str, today: date) -> Indexed:
    """Read once a text and day."""
    return Indexed(read_evidence(text, title, today))


def _partners(claim: Segment, figure: Stated) -> Iterator[Stated]:
    if figure.kind in _PAIRED:
        yield from (other for other in claim.figures if not _alike(other, figure) and other.kind in _PAIRED)


def _beside(place: Place, *, rule: bool) -> tuple[Stated, ...]:
    return place.segment.figures if rule else tuple(s for segment in place.unit.segments for s in segment.figures)


def _alike(one: Stated, other: Stated) -> bool:
    """Of one kind, and for measures of one unit, for numbers counting the same."""
    if one.kind != other.kind:
        return False
    if one.kind == "measure":
        return one.value.split()[-1] == other.value.split()[-1]
    return one.kind != "number" or not one.counts or not other.counts or one.counts == other.counts


def _stepped(segment: Segment) -> bool:
    return any(s.kind == "measure" for s in segment.figures) or _is_other(segment)


def _bare(segment: Segment) -> bool:
    return segment.negative and not segment.figures


def _is_other(segment: Segment) -> bool:
    return bool(OTHER_SIDE.search(segment.text))


def _same_booking(unit: Unit, locators: frozenset[str], of: str | None) -> bool:
    about = unit.locators or (frozenset({of}) if of else frozenset())
    return not about or not locators or bool(about & locators)


def same_marks(ours: Iterable[Mark], theirs: Iterable[Mark]) -> bool:
    """In every set that both name, they name a common member."""
    mine, other = _by_set(ours), _by_set(theirs)
    return all(mine[kind] & other[kind] for kind in mine.keys() & other.keys())


def _by_set(named: Iterable[Mark]) -> Mapping[str, frozenset[str]]:
    sets: dict[str, frozenset[str]] = {}
    for kind, member in named:
        sets[kind] = sets.get(kind, frozenset()) | {member}
    return sets
