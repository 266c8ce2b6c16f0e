"""Letting a sentence out, or what stands in its place."""

from agent.claims import ClaimsCheck
from agent.scope import TurnScope
from agent.sentences import Sentence
from agent.store.turns import ClaimTold

_UNBACKED = "I would rather not give you a figure here that I cannot back with our policy."


def release(sentence: Sentence, check: ClaimsCheck, scope: TurnScope) -> str:
    """Says the sentence if its figures are backed; what it says instead otherwise. Returns what was said."""
    checked = check.check(sentence)
    cited = [clause_id for clause_id in sentence.cited if clause_id in scope.clauses]
    if not checked.backed:
        already = any(_UNBACKED in said for said in scope.sentences)
        text = "" if already else f"{_UNBACKED} "
        if text:
            scope.say(text)
        return text
    scope.say(sentence.text, cited)
    if checked.figures:
        evidence = tuple(f"{c}:{scope.clauses[c].version}" for c in cited) or tuple(name for name, _ in scope.outcomes)
        scope.claims.append(ClaimTold(entry_id=scope.reply_id, sentence=sentence.text.strip(), evidence=evidence))
    return sentence.text
