"""What may be said in the place of a sentence that nothing backs: the decision's own words, the clause's, or that
there is nothing to say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.claims.evidence import Evidence
from agent.claims.phrases import phrases_in
from agent.claims.reading import stems
from agent.sentences import split_sentences

_WRAP = re.compile(r"(?<=\S)[ \t]*\n(?![ \t]*(?:\n|[-*•]))[ \t]*")


@dataclass(frozen=True, kw_only=True)
class Support:
    """text: what to say. backing: what it quotes; none for a sentence that claims nothing."""

    text: str
    backing: Evidence | None = None

    @property
    def cites(self) -> tuple[str, ...]:
        if self.backing is None:
            return ()
        clauses = (self.backing.clause,) if self.backing.clause else self.backing.clauses
        return tuple(clause.clause_id for clause in clauses)


def support_for(
    text: str,
    evidence: Sequence[Evidence],
    *,
    tongue: str,
    locators: frozenset[str],
    claims_done: bool,
    has_figure: bool,
) -> Support:
    """text: the sentence held back; locators: the bookings it spoke of."""
    say = phrases_in(tongue)
    about = [one for one in evidence if not one.locator or not locators or one.locator in locators]
    if claims_done and any(one.kind == "card" for one in about):
        return Support(text=say.not_yet)
    decided = [one for one in about if one.kind in ("decision", "receipt") and one.say]
    if decided:
        return Support(text=decided[-1].say, backing=decided[-1])
    quoted = _nearest(text, [one for one in evidence if one.clause], say.quote)
    if quoted is not None:
        return quoted
    return Support(text=say.no_figure if has_figure else say.no_promise)


def _nearest(text: str, clauses: Sequence[Evidence], quote: str) -> Support | None:
    """The sentence of a clause that shares most words with it, at least two."""
    words = stems(text)
    best: tuple[int, Support | None] = (1, None)
    for clause in clauses:
        for line in _WRAP.sub(" ", clause.text).split("\n"):
            for sentence in split_sentences(line):
                shared = len(words & (stems(sentence.text) | stems(clause.title)))
                if shared > best[0] and stems(sentence.text) & words and not sentence.text.rstrip().endswith("?"):
                    best = (shared, Support(text=quote.format(clause.title, _tidy(sentence.text)), backing=clause))
    return best[1]


def _tidy(sentence: str) -> str:
    plain = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", sentence).strip()
    return plain if plain.endswith((".", "!")) else f"{plain.rstrip(';:,')}."
