"""Letting a sentence out, or holding it back."""

from dataclasses import dataclass

from agent.claims.check import Checked, ClaimsCheck
from agent.claims.evidence import Evidence
from agent.claims.support import Support
from agent.scope import TurnScope
from agent.sentences import Sentence
from agent.store.turns import Backing, ClaimTold


@dataclass(frozen=True, kw_only=True)
class Released:
    """text: as it left."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """A sentence that stays here, what of it nothing backs, and what the evidence supports instead."""

    text: str
    unbacked: tuple[str, ...]
    support: Support


def release(sentence: Sentence, check: ClaimsCheck, scope: TurnScope) -> Released | Withheld:
    """Says the sentence if all it claims is backed, with the clauses it rests on cited, and keeps the claim."""
    checked = check.check(sentence)
    if not checked.backed and not _our_own_words(sentence, scope):
        return Withheld(text=sentence.text.strip(), unbacked=checked.unbacked, support=check.support(sentence))
    cited = [clause_id for clause_id in sentence.cited if clause_id in scope.clauses]
    scope.say(sentence.text, [*cited, *checked.cites])
    _keep(sentence.text, checked, scope)
    return Released(text=sentence.text)


def _our_own_words(sentence: Sentence, scope: TurnScope) -> bool:
    """Word for word what a tool of this turn says to the person: the executor wrote it, from records and decisions."""
    words = sentence.text.strip()
    return bool(words) and any(evidence.fresh and words in evidence.say for evidence in scope.evidence)


def replace(withheld: Withheld, scope: TurnScope) -> str:
    """Says what the evidence supports in the sentence's place, once a reply. Returns what was said."""
    support = withheld.support
    if any(support.text in said for said in scope.sentences):
        return ""
    text = f"{support.text} "
    scope.say(text, support.cites)
    if support.backing is not None:
        keep_claim(support.text, (support.backing,), scope)
    return text


def keep_claim(sentence: str, backing: tuple[Evidence, ...], scope: TurnScope) -> None:
    told = tuple(backing_of(one) for one in backing)
    scope.claims.append(ClaimTold(entry_id=scope.reply_id, sentence=sentence.strip(), evidence=told))


def backing_of(evidence: Evidence) -> Backing:
    clauses = (evidence.clause,) if evidence.clause else evidence.clauses
    return Backing(kind=evidence.kind, source=evidence.source, locator=evidence.locator, clauses=clauses)


def _keep(text: str, checked: Checked, scope: TurnScope) -> None:
    if checked.backing:
        keep_claim(text, checked.backing, scope)
