"""What holds a deed that a sentence tells as done, promises or grants."""

from collections.abc import Sequence

from agent.claims import verbs
from agent.claims.commitments import deeds_of
from agent.claims.contrasts import Mark
from agent.claims.deeds import Deed
from agent.claims.evidence import Evidence, states_in
from agent.claims.figure_backing import Backing
from agent.claims.matching import STRICT, same_marks
from agent.claims.reading import Unit, stems
from agent.claims.sense import Sense
from agent.claims.things import PERK, things_in

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


def back_deed(deed: Deed, sense: Sense) -> Backing:
    """A question claims no deed. What happens once the person confirms is a promise, not done."""
    if sense.stance.question:
        return ()
    if deed.mood == "right":
        return _right(deed, sense)
    if deed.mood == "done" and (deed.by or not sense.stance.on_confirmation):
        return _done(deed, sense)
    return _will(deed, sense)


def _done(deed: Deed, sense: Sense) -> Backing:
    if sense.stance.general_if and not deed.by:
        return ()
    for evidence in _about(sense):
        if _shows_done(evidence, deed):
            return (evidence,)
    return None if deed.by or deed.yours or sense.stance.personal else _by_rule(deed, sense)


def _will(deed: Deed, sense: Sense) -> Backing:
    for evidence in _about(sense):
        if _would(evidence, deed, on_confirmation=sense.stance.on_confirmation):
            return (evidence,)
    ruled = sense.stance.general_if or (deed.by == "we" and sense.cited and not sense.stance.personal)
    if (deed.by or deed.yours or sense.stance.personal) and deed.acts & verbs.WRITES and not ruled:
        return None
    return _by_rule(deed, sense)


def _right(deed: Deed, sense: Sense) -> Backing:
    if sense.stance.hedged and deed.perk != "offer":
        return ()
    for evidence in _about(sense):
        if evidence.effect == "allow" and _grants(evidence, deed):
            return (evidence,)
    return None if sense.stance.personal or deed.perk == "offer" else _by_rule(deed, sense)


def _about(sense: Sense) -> list[Evidence]:
    """This person's evidence about the sentence's bookings, newest first."""
    own = (proof for proof in reversed(sense.proofs) if proof.evidence.kind != "clause")
    return [proof.evidence for proof in own if proof.about(sense.locators)]


def _shows_done(evidence: Evidence, deed: Deed) -> bool:
    if deed.acts == _PREPARED:
        return evidence.kind == "card"
    if evidence.kind == "decision":
        return False
    shown = states_in(evidence) | (evidence.acts if evidence.done else frozenset())
    return bool(shown & deed.acts) and _same_thing(evidence, deed)


def _would(evidence: Evidence, deed: Deed, *, on_confirmation: bool) -> bool:
    """A receipt, or what the decision gives; a card too, when the sentence waits for the person's confirmation."""
    if not (evidence.acts | evidence.due) & deed.acts or not _same_thing(evidence, deed):
        return False
    if evidence.done or on_confirmation:
        return True
    return not deed.by and evidence.effect == "allow" and deed.acts <= _GIVEN


def _grants(evidence: Evidence, deed: Deed) -> bool:
    if deed.perk == "offer":
        return bool(deed.acts & (evidence.acts | evidence.due))
    pays = "pay" in evidence.acts | evidence.due
    if deed.perk == "compensation":
        return "compensation" in evidence.text
    return deed.perk == "right" or (deed.perk == "refund" and pays) or deed.perk in _perks(evidence.text)


def _same_thing(evidence: Evidence, deed: Deed) -> bool:
    known = things_in(evidence.text).union(*(_THINGS_OF.get(act, frozenset()) for act in evidence.acts))
    return not deed.thing or deed.thing in known


def _by_rule(deed: Deed, sense: Sense) -> Backing:
    """A clause that says the same of the same."""
    words = stems(sense.reading.plain)
    for rule in sense.rules:
        titled = words & stems(rule.evidence.title)
        saying = [unit for unit in rule.text.reading.units if _says(unit, deed)]
        near = [unit for unit in saying if sense.cited or titled or words & unit.words]
        if any(same_marks(sense.marks, unit.marks) for unit in near) and _same_class(sense.marks, saying):
            return (rule.evidence,)
    return None


def _same_class(ours: frozenset[Mark], saying: Sequence[Unit]) -> bool:
    """If the clause gives it to some fares or tiers by name, those that the sentence names must be among them."""
    for kind in STRICT & {kind for kind, _ in ours}:
        named = {mark for unit in saying for mark in unit.marks if mark[0] == kind}
        if named and not named & ours:
            return False
    return True


def _says(unit: Unit, deed: Deed) -> bool:
    if deed.mood == "right" and not deed.acts:
        perks = _perks(unit.text)
        return deed.perk in perks or (deed.perk == "right" and bool(perks))
    if "contact" in deed.acts:
        return any("contact" in other.acts for other in deeds_of(unit.text, ""))
    known = (verbs.acts_of(word.strip(",.;:")) for word in unit.text.lower().split())
    return any(acts & deed.acts for acts in known)


def _perks(text: str) -> frozenset[str]:
    return frozenset(match.lastgroup for match in PERK.finditer(text) if match.lastgroup)
