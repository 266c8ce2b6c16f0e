"""What a sentence says is done, will be done, or is the person's right, and the words all of these are told in."""

import re
from dataclasses import dataclass
from typing import Literal

from agent.claims import verbs
from agent.claims.contrasts import NEGATION
from agent.claims.things import thing_in

Mood = Literal["done", "will", "right"]


@dataclass(frozen=True, slots=True)
class Deed:
    """acts: what is claimed, any one of which the evidence may hold. thing: what it is done to. perk: what is said to
    be given, for a right. by: who does it, as the sentence has it: 'i', 'we', or '' for a passive and for anybody
    else. yours: it is done to what is the person's, or to the one thing spoken of."""

    mood: Mood
    acts: frozenset[str]
    words: str
    thing: str = ""
    perk: str = ""
    by: str = ""
    yours: bool = False


ADV = (
    r"(?:(?:just|now|already|also|successfully|gladly|personally|then|immediately|certainly|definitely|happily|"
    r"automatically|shortly|soon|fully|all|both|since|of course|be able to|gone ahead and|went ahead and|right away|"
    r"even|therefore|each|promptly|today|kindly|meanwhile|always|surely)\s+)*"
)
WHO = (
    r"(?:(?P<us>i|we)|they|(?:someone|somebody)(?:\s(?:from|in|at|of)(?:\s(?:our|the))?\s\w+(?:\s(?:care|service|"
    r"team|desk|"
    r"department|relations))?)?|(?:our|my|the|a|an|another|one of (?:our|my))\s(?:[\w-]+\s){0,2}?"
    r"(?:colleagues?|teams?|agents?|staff|airline|crew|department|desk|technicians?|specialists?|managers?|"
    r"supervisors?|person|system|computer|bank|partners?|hotel|station|operations))"
)
NOT = r"(?!not\b|never\b|no\b|to\b|only\b|n['’]t)"
MONEY = re.compile(r"refund|money|amount|\beur\b|\beuros?\b|\busd\b|\bgbp\b|€|\$|£|compensation|\bsum\b|payment", re.I)
_YOURS = re.compile(r"\byour?\b", re.I)
_THE_ONE = re.compile(
    r"\W*(?:(?:yes|so|and|now|then|ok|okay|sure|great|perfect)\W+)*(?:it|this|that|they|everything|both)\b", re.I
)
_BREAK = re.compile(r"[,;.:!?]|\s(?:and|but|so|that|because|which)\s", re.I)


def deed(mood: Mood, verb: str, text: str, match: re.Match[str], *, by: str = "") -> Deed:
    """The deed a verb of a match tells, with what stands around it."""
    after = text[match.end("verb") : match.end("verb") + 48]
    before = text[max(0, match.start() - 4) : match.end("verb")]
    return Deed(
        mood=mood,
        acts=verbs.acts_of(verb.lower()),
        words=match[0],
        thing=thing_in(after if by else before) or thing_in(after),
        by=by,
        yours=bool(_YOURS.search(text[max(0, match.start() - 24) : match.end()])) or bool(_THE_ONE.match(text)),
    )


def plain(mood: Mood, acts: str, match: re.Match[str], *, thing: str = "", by: str = "") -> Deed:
    """A deed whose acts the phrase itself names."""
    return Deed(mood=mood, acts=frozenset(acts.split()), words=match[0], thing=thing, by=by)


def denied(text: str, match: re.Match[str]) -> bool:
    """A negation in it or before it in the same clause: 'not entitled', 'nothing has been', 'cannot be refunded'."""
    before = _BREAK.split(text[max(0, match.start() - 28) : match.start()])[-1] or ""
    return bool(NEGATION.search(before)) or bool(NEGATION.search(match[0]))


def known(verb: str) -> bool:
    return verb.lower() in verbs.english()


def is_participle(verb: str) -> bool:
    word = verb.lower()
    return word in verbs.participles() or (word.endswith("ed") and len(word) > 4)


def us(match: re.Match[str]) -> str:
    """Who of us does it: 'i', 'we', or 'others' for a colleague."""
    return (match["us"] or "others").lower()
