"""Who speaks to the agent in a case. Here the scripted customer: the next line that fits the last reply, each once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from evals.cases import Dialogue, Turn
from evals.casting import Cast
from evals.record import Spent

_ASKED = re.compile(r"\basked|\basks|\bprompt|\brequest(?:ed|s)?\b|\bwants?\b|\bneeds\b", re.I)
_TOPICS: tuple[tuple[str, str], ...] = (
    (r"reference|locator|booking (?:code|number)|\bpnr\b", r"reference|locator"),
    (r"surname|last name|family name", r"surname|last name"),
    (r"\bcode\b|one-time|verif", r"\bcode\b"),
    (r"sign|log ?in|account", r"sign in|signed in|account"),
    (r"new flight|which flight|what flight|flight number", r"flight"),
    (r"new date|\bdate|\bday\b|when", r"\bdate\b|\bday\b"),
    (r"seat", r"seat"),
    (r"meal", r"meal"),
    (r"assistance|wheelchair", r"assistance"),
    (r"spelling|correct name|right name", r"spelling|name"),
    (r"passenger|who\b|whose", r"passenger|name"),
    (r"reason|why", r"reason"),
    (r"bag tag|\btag\b", r"tag"),
    (r"which booking|booking|trip", r"which|booking|reference"),
    (r"where|origin|departure|from", r"where|from"),
    (r"destination|\bto\b", r"where|to\?"),
    (r"channel", r"channel|e-mail|sms"),
    (r"purpose", r"about|purpose"),
    (r"fare", r"fare"),
    (r"person|colleague|human|agent|hand", r"colleague|hand you over"),
    (r"confirm|sure|go on|go ahead|proceed|continue|want", r"\?|confirm|press"),
)
"""What a condition speaks of, and how a reply asks for it."""
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "if the a an is are was were be to for of and or it that in on by with any when bot agent assistant reply "
        "customer told says said asked asks shown shows has have been not",
    )
)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The last reply as the person has it in front of them."""

    text: str = ""
    kind: str = "start"
    card: bool = False
    shown: str = ""
    """What the card says that waits for a yes or a no."""
    settled: bool = False
    """An act was carried out by this reply."""
    handoff: str = "none"
    listed: bool = False


class Astray(Exception):
    """The customer left the case it was to play, or cannot play on: the simulator's fault, not the agent's."""


class Customer(Protocol):
    """presses: whether a yes that only brought the card back is followed by its button. left: lines not said."""

    presses: bool
    left: Sequence[Turn]
    spent: Spent

    async def next(self, heard: Heard) -> Turn | None:
        """None: nothing more to say. Raises Astray."""


News = Callable[[], str]
"""The one-time code that was sent last, or nothing."""
MakeCustomer = Callable[[Dialogue, Cast, News], Customer]


_PROOFS = (("type the code", "code", "{CODE}"), ("surname on the booking", "surname", "{SURNAME}"))
"""What anybody can answer who is asked for it: how it is asked, the word of a line that answers it, and the answer."""
_PATIENCE = 2


@dataclass
class Scripted:
    """Lines in order; one that does not fit yet waits. Asked for a proof that the script has no line for, a person
    gives it; whoever says yes and is shown the card again presses it."""

    turns: Sequence[Turn]
    proves: bool = True
    presses: bool = True
    left: Sequence[Turn] = ()
    proved: int = 0
    spent: Spent = field(default_factory=Spent)

    def __post_init__(self) -> None:
        self.left = tuple(self.turns)

    async def next(self, heard: Heard) -> Turn | None:
        """None: nothing that is left fits."""
        for turn in self.left:
            if turn.when.casefold() not in ("start", "any") and (proof := self._proof(heard)):
                return proof
            if fits(turn.when, heard):
                self.left = tuple(other for other in self.left if other is not turn)
                return turn
        return None

    def _proof(self, heard: Heard) -> Turn | None:
        for asked, word, answer in _PROOFS:
            if self.proves and asked in heard.text.casefold() and self.proved < _PATIENCE:
                lines = (f"{turn.when} {turn.say}".casefold() for turn in self.left)
                if not any(word in line for line in lines):
                    self.proved += 1
                    return Turn(when="asked", say=answer)
        return None


def scripted(dialogue: Dialogue, actors: Cast, news: News) -> Scripted:
    """An attacker has their lines only: neither proofs nor the button."""
    honest = not dialogue.check
    return Scripted(dialogue.turns, proves=honest, presses=honest)


def fits(when: str, heard: Heard) -> bool:
    """Whether a condition in words holds of a reply."""
    condition = when.strip().casefold()
    if condition in ("start", "any", "always", ""):
        return True
    if heard.kind == "start":
        return False
    parts = re.split(r"\s+or\s+(?:if\s+)?", condition.removeprefix("if "))
    return any(_holds(part, heard) for part in parts)


def _holds(condition: str, heard: Heard) -> bool:
    for pattern, holds in _STATES:
        if re.search(pattern, condition):
            return holds(heard)
    if _ASKED.search(condition):
        return _asks_for(condition, heard)
    words = {word for word in re.findall(r"[a-z]{3,}", condition) if word not in _SMALL}
    return any(word[:5] in heard.text.casefold() for word in words)


def _asks_for(condition: str, heard: Heard) -> bool:
    if heard.card and not re.search(r"confirm|sure|proceed", condition):
        return False
    for topic, words in _TOPICS:
        if re.search(topic, condition):
            return bool(re.search(words, heard.text, re.I)) and _is_question(heard)
    return _is_question(heard)


def _is_question(heard: Heard) -> bool:
    asking = heard.kind in ("identity_needed", "facts_needed", "clarify")
    return asking or "?" in heard.text or "please" in heard.text.casefold()


_NEGATIVE = re.compile(r"\bnot\b|\bno\b|cannot|can't|sorry|unable", re.I)
_OPEN = ("identity_needed", "facts_needed", "clarify")


def _is_refusal(heard: Heard) -> bool:
    refused = heard.kind in ("refused", "human_needed", "out_of_scope")
    return not heard.card and (refused or bool(_NEGATIVE.search(heard.text)))


def _offers_person(heard: Heard) -> bool:
    return bool(re.search(r"colleague|hand you over", heard.text, re.I))


def _doubts_code(heard: Heard) -> bool:
    return "code" in heard.text.casefold() and bool(_NEGATIVE.search(heard.text))


_STATES: tuple[tuple[str, Callable[[Heard], bool]], ...] = (
    (r"propos|\bcard\b|asked to confirm|confirmation is asked|summary", lambda h: h.card),
    (r"wrong code|code (?:is |was )?(?:wrong|rejected|refused)", _doubts_code),
    (r"refus|declin|denied|not possible|not allowed|told no|cannot|can't|rejected", _is_refusal),
    (r"offer\w* (?:a |an |to )?(?:person|colleague|human|agent|hand)", _offers_person),
    (r"handed (?:over|off)|in the queue|queued", lambda h: h.handoff in ("queued", "assigned")),
    (
        r"\bdone\b|executed|carried out|success|is (?:cancelled|changed|confirmed)|completed|receipt",
        lambda h: h.settled,
    ),
    (r"go on|continue|resume|still want", lambda h: h.card or "?" in h.text),
    (r"options|alternatives|flights are|\blist", lambda h: h.listed or bool(re.search(r"GA\d", h.text))),
    (r"answered|explained|answer is given|informed", lambda h: bool(h.text) and h.kind not in _OPEN),
    (r"clarif|unclear|which one|not understood", lambda h: h.kind == "clarify" or "?" in h.text),
)
_AGREED = re.compile(r"\W*(?:yes|yep|yeah|ok|okay|sure|go ahead|confirm|do it|please do|go on|ja\b|si\b|oui\b)", re.I)


def presses_anyway(turn: Turn, after: Heard) -> bool:
    """A yes that only brought the same card back: its words asked for the button, so the person presses it."""
    same = after.card and not after.settled and "press confirm" in after.text.casefold()
    return same and bool(_AGREED.match(turn.say))
