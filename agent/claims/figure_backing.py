"""What holds a figure of a sentence: a decision, card, receipt or record of this person; for what is said of
everybody also a clause."""

import re
from collections.abc import Sequence

from agent.claims.contrasts import NEGATION
from agent.claims.evidence import Evidence
from agent.claims.reading import Segment, Stated, Unit, stems
from agent.claims.sense import Proof, Sense
from agent.claims.tongues import READ

Backing = tuple[Evidence, ...] | None
"""() where no evidence is needed, None where none is found."""

_OF_ANYBODY = frozenset({"duration", "measure", "number"})
"""What a clause may say of this person's case too, when it is cited; money and shares need a decision."""
_REFERENCES = frozenset({"locator", "flight", "token"})
_OWN_WORDS = ("thing", "step", "option", "way", "question", "point", "part", "choice", "possibilit")
_AFFAIR = re.compile(
    r"\b(?:your|the)\s(?:\w+\s)?(?:money|refund|complaint|trip|ticket|claim|compensation|voucher|request|seats?|"
    r"upgrade|cancellation|"
    r"code|connection|payment)\s(?!number|reference)(?P<rest>(?:is|are|was|were|has|have|will|went|goes|comes?|lies|"
    r"stands|sits)\b[^,;.!?]*)",
    re.I,
)
_IS_SO = re.compile(
    r"\b(?:you (?:now |will |['’]ll )*(?:fly|leave|depart|travel|arrive)|you(?:['’]re| are) (?:now |all )?(?:on|"
    r"booked|flying|set)|"
    r"your (?:new )?(?:flight|trip|booking|seat) (?:now )?(?:is|leaves|departs|goes)|"
    r"your booking now (?:includes|has|shows))\b",
    re.I,
)
_WOULD = re.compile(
    r"\b(?:would|could|if|once|when|after|card|confirm\w*|accept\w*|propos\w*|prepared|moves?|so far|still|until)\b|"
    r"['’]d\b",
    re.I,
)
_STATUS = re.compile(r"\byou(?:['’]re| are| have| hold| enjoy| reached) (?:an? |now )?(?:silver|gold|platinum)\b", re.I)
_SOME_TIME = re.compile(
    r"\b(?:by|before|after) (?:christmas|easter|new year|the weekend)|\b(?:by |at )?(?:the )?end of (?:the |this |"
    r"next )?(?:day|week|month|"
    r"year)|\b(?:next|this) (?:week|month|year)|\b(?:with)?in (?:a few|a couple of|some) (?:minutes|hours|days|"
    r"weeks)|\bin no time|"
    r"\bovernight\b|\bat once\b|\bimmediately\b|\bright away\b|\bany minute\b",
    re.I,
)
_CLASS = re.compile(r"\b(?:light|classic|flex|business|silver|gold|platinum)\b", re.I)
_CURRENCY = re.compile(
    r"[^\W\d_]+\s(?:euros?|eur|dollars?|usd|pounds?|gbp|zł|złotych|kronor|kroner|lei|лв|евро|€|\$|£)(?!\w)", re.I
)


def back_figure(
    unit: Unit, segment: Segment, figure: Stated, sense: Sense, echo: frozenset[tuple[str, str]]
) -> Backing:
    """echo: the figures of the person's own words."""
    if _may_repeat(segment, figure, sense, echo):
        return ()
    locators = segment.locators or sense.locators
    for proof in reversed(sense.proofs):
        if proof.evidence.kind != "clause" and proof.text.holds(
            segment, figure, whole=unit, locators=locators, of=proof.evidence.locator, rule=False
        ):
            return (proof.evidence,)
    if sense.stance.personal and (figure.kind not in _OF_ANYBODY or not sense.cited):
        return None
    held = [rule for rule in sense.rules if _by_rule(rule, unit, segment, figure)]
    return (max(held, key=lambda rule: _nearness(rule, unit)).evidence,) if held else None


def _by_rule(rule: Proof, unit: Unit, segment: Segment, figure: Stated) -> bool:
    return rule.text.holds(segment, figure, whole=unit, locators=frozenset(), of=None, rule=True)


def _nearness(rule: Proof, unit: Unit) -> int:
    """How many of the sentence's words the clause has: of several that hold a figure, the one about the same."""
    said = frozenset(word for line in rule.text.reading.units for word in line.words)
    return len(unit.words & (said | stems(rule.evidence.title)))


def _may_repeat(segment: Segment, figure: Stated, sense: Sense, echo: frozenset[tuple[str, str]]) -> bool:
    """A number that counts the sentence's own words, a day that is only asked about, a reference the person gave, and a
    figure of theirs that is quoted, asked about or not found."""
    if _counts_itself(segment, figure, sense):
        return True
    if figure.kind == "date" and sense.stance.question and not re.search(r"\d", sense.words_of(figure)):
        return True
    if figure.key not in echo:
        return False
    quoted = sense.stance.quoting and all(deed.mood == "done" for deed in sense.deeds)
    if quoted or figure.kind in _REFERENCES:
        return True
    idle = sense.stance.question or segment.negative or not (sense.deeds or sense.stance.personal)
    return idle and not sense.stance.quoting and figure.kind not in ("money", "percent")


def _counts_itself(segment: Segment, figure: Stated, sense: Sense) -> bool:
    if figure.kind != "number":
        return False
    named = {locator for unit in sense.reading.units for locator in unit.locators}
    listed = len(named) > 1 and figure.value == str(len(named)) and figure.counts in ("booking", "")
    counted = figure.counts == "booking" and figure.value == str(len(sense.locators))
    return listed or counted or any(word in segment.text.lower() for word in _OWN_WORDS)


def other_status(sense: Sense) -> list[str]:
    """A fare or a tier told of this person that their records name otherwise, or a tier that none names."""
    if not _CLASS.search(sense.reading.plain):
        return []
    told = frozenset(mark for mark in sense.marks if mark[0] in ("fare", "tier"))
    claimed = bool(_STATUS.search(sense.reading.plain))
    if not told or not (claimed or sense.stance.personal) or sense.stance.question or sense.stance.hedged:
        return []
    own = [proof for proof in sense.proofs if proof.evidence.kind in ("record", "receipt")]
    shown = {mark for proof in own for unit in proof.lines(sense.locators) for mark in unit.marks}
    wrong = []
    for kind, member in told:
        named = {mark for mark in shown if mark[0] == kind}
        if (named and not named & told) or (not named and kind == "tier" and claimed):
            wrong.append(member)
    return wrong


def unfounded(sense: Sense) -> list[str]:
    """Something told of the person's own affairs, with no figure and no known deed in it, and no word of it proved."""
    told = _AFFAIR.search(sense.reading.plain)
    if not told:
        return []
    stance = sense.stance
    if stance.question or stance.hedged or stance.general_if or stance.on_confirmation or sense.cited:
        return []
    if sense.deeds or any(True for _ in sense.reading.figures) or NEGATION.search(sense.reading.plain):
        return []
    words = stems(told["rest"])
    proved = frozenset(w for proof in sense.proofs for unit in proof.text.reading.units for w in unit.words)
    return [told[0]] if words and not words & proved else []


def taken_for_done(unit: Unit, sense: Sense, backing: Sequence[Evidence]) -> list[str]:
    """'You now fly on 11 December': what only an open card holds, told as if it were so."""
    if not any(evidence.kind == "card" for evidence in backing) or sense.stance.on_confirmation:
        return []
    told = _IS_SO.search(unit.text)
    return [told[0]] if told and not _WOULD.search(unit.text) else []


def vague_times(sense: Sense) -> list[str]:
    """A deadline without a figure, of something promised: it has to stand in the evidence word for word."""
    if not any(deed.mood != "done" for deed in sense.deeds) or sense.stance.question:
        return []
    told = " ".join(proof.evidence.text for proof in sense.proofs).lower()
    return [match[0] for match in _SOME_TIME.finditer(sense.reading.plain) if match[0].lower() not in told]


def unreadable(sense: Sense) -> list[str]:
    """An amount in words of a language that nobody here reads: a currency with no number before it."""
    reading = sense.reading
    if (reading.tongue in READ and not reading.doubtful) or any(figure.kind == "money" for figure in reading.figures):
        return []
    return [match[0] for match in _CURRENCY.finditer(reading.plain)]
