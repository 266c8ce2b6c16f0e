"""Nothing is promised without evidence: a sentence leaves only if every figure and every deed in it is backed by this
conversation's evidence, in the same sense: of the same fare, in the same band, for the same booking, done and not proposed.

A sentence about everybody needs a clause that holds its figures. A sentence about this person needs a decision, a card, a
receipt or a record of theirs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.claims import verbs
from agent.claims.commitments import deeds_of
from agent.claims.contrasts import Mark
from agent.claims.deeds import Deed
from agent.claims.evidence import Evidence, focus_of, states_in
from agent.claims.matching import STRICT, Indexed, indexed, same_marks
from agent.claims.reading import Reading, Segment, Stated, Unit, read_sentence, stems
from agent.claims.stance import Stance, stance_of
from agent.claims.support import Support, support_for
from agent.claims.things import PERK, things_in
from agent.claims.tongues import READ
from agent.sentences import Sentence


@dataclass(frozen=True, kw_only=True)
class Checked:
    """unbacked: what is not backed, in the sentence's own words. claims: it claims something. backing: the evidence that
    holds it. cites: clauses it rests on without naming them."""

    unbacked: tuple[str, ...] = ()
    claims: bool = False
    backing: tuple[Evidence, ...] = ()
    cites: tuple[str, ...] = ()

    @property
    def backed(self) -> bool:
        return not self.unbacked


@dataclass(frozen=True, slots=True)
class _Sense:
    """One sentence at work: what it says, how it stands to it, which bookings and clauses it speaks of."""

    reading: Reading
    deeds: tuple[Deed, ...]
    stance: Stance
    locators: frozenset[str]
    cited: tuple[str, ...]


class ClaimsCheck:
    """Grows with the turn: what a tool just said backs the next sentence."""

    def __init__(self, *, today: date, said: Iterable[str]) -> None:
        self._today = today
        self._evidence: list[tuple[Evidence, Indexed]] = []
        self._echo = frozenset(key for text in said for key in indexed(text, "", today).places)
        self._before: _Sense | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(evidence for evidence, _ in self._evidence)

    def learn(self, evidence: Evidence) -> None:
        self._evidence.append((evidence, indexed(evidence.text, evidence.title, self._today)))

    def check(self, sentence: Sentence) -> Checked:
        if not sentence.text.strip():
            return Checked()
        sense = self._sense(sentence)
        self._before = sense
        figures = [(u, s, f) for u in sense.reading.units for s in u.segments for f in s.figures]
        held = [(_told(sense, figure), self._figure(unit, segment, figure, sense)) for unit, segment, figure in figures]
        held += [(deed.words.strip(), self._deed(deed, sense)) for deed in sense.deeds]
        held += [(words, None) for words in (*self._other_status(sense), *_unreadable(sense))]
        backing = tuple(dict.fromkeys(one for _, found in held if isinstance(found, tuple) for one in found))
        return Checked(
            unbacked=tuple(dict.fromkeys(words for words, found in held if found is None)),
            claims=bool(backing),
            backing=backing,
            cites=tuple(e.clause.clause_id for e in backing if e.clause and e.clause.clause_id not in sense.cited),
        )

    def support(self, sentence: Sentence) -> Support:
        """What may be said in the place of a sentence that was just checked and is not backed."""
        sense = self._before or self._sense(sentence)
        return support_for(
            sentence.text,
            self.evidence,
            locators=sense.locators,
            claims_done=any(deed.mood != "right" for deed in sense.deeds),
            has_figure=any(True for _ in sense.reading.figures),
        )

    def _sense(self, sentence: Sentence) -> _Sense:
        reading = read_sentence(sentence.text, self._today)
        known = {e.clause.clause_id for e, _ in self._evidence if e.clause}
        cited = tuple(clause_id for clause_id in sentence.cited if clause_id in known)
        stance = stance_of(reading, cited=bool(cited), before=self._before.stance if self._before else None)
        named = frozenset(locator for unit in reading.units for locator in unit.locators)
        carried = self._before.locators if self._before and stance.leans else frozenset[str]()
        return _Sense(
            reading=reading,
            deeds=deeds_of(reading.plain, reading.tongue),
            stance=stance,
            locators=named or carried or focus_of(self.evidence),
            cited=cited,
        )

    def _figure(self, unit: Unit, segment: Segment, figure: Stated, sense: _Sense) -> tuple[Evidence, ...] | None:
        """The evidence that holds it: none needed is (), none found is None."""
        if self._may_repeat(segment, figure, sense):
            return ()
        locators = segment.locators or sense.locators
        for evidence, text in reversed(self._evidence):
            if evidence.kind != "clause" and text.holds(
                segment, figure, whole=unit, locators=locators, of=evidence.locator, rule=False
            ):
                return (evidence,)
        for evidence, text in self._rules(figure, sense):
            if text.holds(segment, figure, whole=unit, locators=frozenset(), of=None, rule=True):
                return (evidence,)
        return None

    def _rules(self, figure: Stated, sense: _Sense) -> Sequence[tuple[Evidence, Indexed]]:
        """The clauses that may back a figure: those cited, else those read; of this person's own case, only what is no
        money and cited."""
        if sense.stance.personal and (figure.kind not in _OF_ANYBODY or not sense.cited):
            return ()
        return [
            (evidence, text)
            for evidence, text in reversed(self._evidence)
            if evidence.clause and (not sense.cited or evidence.clause.clause_id in sense.cited)
        ]

    def _may_repeat(self, segment: Segment, figure: Stated, sense: _Sense) -> bool:
        """A reference or a flight number the person gave, a figure of theirs that is only asked about or quoted, and a
        number that counts the sentence's own words."""
        if figure.kind == "number" and any(word in segment.text.lower() for word in _OWN_WORDS):
            return True
        if figure.counts in ("booking", "") and figure.value == str(len(segment.locators | sense.locators)):
            return True
        if figure.kind == "date" and sense.stance.question and not re.search(r"\d", _told(sense, figure)):
            return True
        if figure.key not in self._echo:
            return False
        if figure.kind in ("locator", "flight", "token"):
            return True
        grants = any(deed.mood != "done" for deed in sense.deeds)
        if sense.stance.quoting:
            return not grants
        return figure.kind != "money" and (sense.stance.question or segment.negative)

    def _other_status(self, sense: _Sense) -> list[str]:
        """A fare or a tier told of this person that their records name otherwise, or a tier that none names."""
        if not sense.stance.personal and not _STATUS.search(sense.reading.plain):
            return []
        told = {mark for mark in _marks(sense) if mark[0] in ("fare", "tier")}
        if not told or sense.stance.question or sense.stance.hedged:
            return []
        about = [(e, t) for e, t in self._evidence if e.kind in ("record", "receipt") and _about(e, sense)]
        shown = {m for e, text in about for unit in text.reading.units if _of(unit, e, sense) for m in unit.marks}
        return [member for kind, member in told if _denies(kind, shown, told) or _claims_tier(kind, shown, sense)]

    def _deed(self, deed: Deed, sense: _Sense) -> tuple[Evidence, ...] | None:
        if sense.stance.question:
            return ()
        if deed.mood == "done" and (deed.by or not sense.stance.on_confirmation):
            return self._done(deed, sense)
        if deed.mood == "right":
            return self._right(deed, sense)
        return self._will(deed, sense)

    def _done(self, deed: Deed, sense: _Sense) -> tuple[Evidence, ...] | None:
        if sense.stance.general_if and not deed.by:
            return ()
        for evidence in reversed(self.evidence):
            if _about(evidence, sense) and self._shows_done(evidence, deed):
                return (evidence,)
        return None if deed.by or deed.yours or sense.stance.personal else self._by_rule(deed, sense)

    def _shows_done(self, evidence: Evidence, deed: Deed) -> bool:
        if evidence.kind == "clause" or evidence.effect == "deny":
            return evidence.kind == "decision" and bool(_shown(evidence) & deed.acts)
        if deed.acts == _PREPARED:
            return evidence.kind == "card"
        if evidence.done and deed.acts & evidence.acts:
            return _same_thing(evidence, deed)
        return bool(_shown(evidence) & deed.acts) and _same_thing(evidence, deed)

    def _will(self, deed: Deed, sense: _Sense) -> tuple[Evidence, ...] | None:
        for evidence in reversed(self.evidence):
            if _about(evidence, sense) and _would(evidence, deed, sense):
                return (evidence,)
        ruled = sense.stance.general_if or (deed.by == "we" and sense.cited and not sense.stance.personal)
        if deed.by and deed.acts & verbs.WRITES and not ruled:
            return None
        return self._by_rule(deed, sense)

    def _right(self, deed: Deed, sense: _Sense) -> tuple[Evidence, ...] | None:
        if sense.stance.hedged and deed.perk != "offer":
            return ()
        for evidence in reversed(self.evidence):
            if evidence.effect == "allow" and _about(evidence, sense) and self._grants(evidence, deed):
                return (evidence,)
        if sense.stance.personal or deed.perk == "offer":
            return None
        return self._by_rule(deed, sense)

    def _grants(self, evidence: Evidence, deed: Deed) -> bool:
        if deed.perk == "offer":
            return bool(deed.acts & (evidence.acts | evidence.due))
        if deed.perk == "right" or (deed.perk in ("refund", "compensation") and "pay" in evidence.acts | evidence.due):
            return deed.perk != "compensation" or "compensation" in evidence.text
        return deed.perk in _perks(evidence.text)

    def _by_rule(self, deed: Deed, sense: _Sense) -> tuple[Evidence, ...] | None:
        """A clause that says the same of the same."""
        words = stems(sense.reading.plain)
        for evidence, text in reversed(self._evidence):
            if evidence.clause is None or (sense.cited and evidence.clause.clause_id not in sense.cited):
                continue
            about = words & stems(evidence.title)
            saying = [unit for unit in text.reading.units if _says(unit, deed)]
            near = [unit for unit in saying if sense.cited or about or words & unit.words]
            if any(same_marks(_marks(sense), unit.marks) for unit in near) and _same_class(_marks(sense), saying):
                return (evidence,)
        return None


def _marks(sense: _Sense) -> frozenset[Mark]:
    return frozenset(mark for unit in sense.reading.units for mark in unit.marks)


def _of(unit: Unit, evidence: Evidence, sense: _Sense) -> bool:
    about = unit.locators or ({evidence.locator} if evidence.locator else set())
    return not about or not sense.locators or bool(about & sense.locators)


def _denies(kind: str, shown: set[Mark], told: set[Mark]) -> bool:
    named = {mark for mark in shown if mark[0] == kind}
    return bool(named) and not named & told


def _claims_tier(kind: str, shown: set[Mark], sense: _Sense) -> bool:
    return kind == "tier" and bool(_STATUS.search(sense.reading.plain)) and not any(k == kind for k, _ in shown)


def _unreadable(sense: _Sense) -> list[str]:
    """An amount in words of a language that nobody here reads: a currency with no number before it."""
    if (
        sense.reading.tongue in READ
        and not sense.reading.doubtful
        or any(f.kind == "money" for f in sense.reading.figures)
    ):
        return []
    return [match[0] for match in _CURRENCY.finditer(sense.reading.plain)]


def _same_class(ours: frozenset[Mark], saying: Sequence[Unit]) -> bool:
    """If the clause gives it to some fares or tiers by name, those that the sentence names must be among them."""
    for kind in STRICT & {kind for kind, _ in ours}:
        named = {mark for unit in saying for mark in unit.marks if mark[0] == kind}
        if named and not named & ours:
            return False
    return True


def _told(sense: _Sense, figure: Stated) -> str:
    return sense.reading.plain[figure.start : figure.end]


def _about(evidence: Evidence, sense: _Sense) -> bool:
    return not evidence.locator or not sense.locators or evidence.locator in sense.locators


def _shown(evidence: Evidence) -> frozenset[str]:
    return states_in(evidence) if evidence.kind != "decision" else frozenset()


def _same_thing(evidence: Evidence, deed: Deed) -> bool:
    known = things_in(evidence.text).union(*(_THINGS_OF.get(act, frozenset()) for act in evidence.acts))
    return not deed.thing or deed.thing in known


def _would(evidence: Evidence, deed: Deed, sense: _Sense) -> bool:
    """A receipt, or what the decision gives; a card too, when the sentence waits for the person's confirmation."""
    if evidence.kind == "clause" or not (evidence.acts | evidence.due) & deed.acts or not _same_thing(evidence, deed):
        return False
    if evidence.done or sense.stance.on_confirmation:
        return True
    return not deed.by and evidence.effect == "allow" and deed.acts <= _GIVEN


def _perks(text: str) -> frozenset[str]:
    return frozenset(match.lastgroup for match in PERK.finditer(text) if match.lastgroup)


def _says(unit: Unit, deed: Deed) -> bool:
    if deed.mood == "right" and not deed.acts:
        return deed.perk in _perks(unit.text) or (deed.perk == "right" and bool(_perks(unit.text)))
    if "contact" in deed.acts:
        return any("contact" in other.acts for other in deeds_of(unit.text, ""))
    known = (verbs.acts_of(word) for word in unit.text.lower().replace(",", " ").replace(".", " ").split())
    return any(acts & deed.acts for acts in known)


_STATUS = re.compile(r"\byou(?:['’]re| are| have) (?:an? |now )?(?:silver|gold|platinum)\b", re.I)
_CURRENCY = re.compile(
    r"[^\W\d_]+\s(?:euros?|eur|dollars?|usd|pounds?|gbp|zł|złotych|kronor|kroner|lei|лв|евро|€|\$|£)(?!\w)", re.I
)
_OF_ANYBODY = frozenset({"duration", "measure", "number", "percent"})
_OWN_WORDS = ("thing", "step", "option", "way", "question", "point", "part", "choice", "possibilit")
_PREPARED = frozenset({"prepare"})
_GIVEN = frozenset({"pay", "give", "send"})
_THINGS_OF = {
    "cancel": frozenset({"booking", "flight"}),
    "change": frozenset({"booking", "flight"}),
    "book": frozenset({"booking", "flight"}),
    "confirm": frozenset({"booking"}),
    "send": frozenset({"code", "contact"}),
    "open": frozenset({"claim", "bag"}),
    "handoff": frozenset({"claim", "booking"}),
    "update": frozenset({"contact"}),
    "correct": frozenset({"name"}),
}
"""What an act is done to, where its receipt does not name it."""
