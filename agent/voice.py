"""One reply on its way to the person: pieces of text in, checked sentences out.

A sentence that nothing backs stops the reply when the model may be asked once more: what follows it is not heard, and
the model is told what was wrong. Otherwise what the evidence supports is said in its place, and the reply goes on.
"""

import importlib.resources
import re

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

from agent.claims.check import ClaimsCheck
from agent.releasing import Withheld, release, replace
from agent.scope import TurnScope
from agent.sentences import Sentence, SentenceSplitter

_NEVER_SAID = re.compile(r"[\s*_]+")


class Voice:
    """may_ask: a sentence held back is to be asked for again. after: the reply this one goes on from."""

    def __init__(self, scope: TurnScope, *, may_ask: bool = False, after: "Voice | None" = None) -> None:
        self._scope = scope
        self._may_ask = may_ask
        self._splitter = SentenceSplitter()
        self._check: ClaimsCheck = after._check if after else _check_for(scope)
        self._heard = {_bare(sentence) for sentence in scope.sentences} if after else set()
        self.said = ""
        """What this reply has let out so far."""
        self.withheld: Withheld | None = None
        """The sentence the reply was stopped at."""

    def hear(self, piece: str) -> None:
        for sentence in self._splitter.feed(piece):
            self._say(sentence)

    def finish(self) -> str:
        """The reply is whole: its last sentence may go too. Returns all that was said."""
        for sentence in self._splitter.rest():
            self._say(sentence)
        return self.said

    def correction(self) -> tuple[AnyMessage, ...]:
        """What to add to the messages when the model is asked for the rest of a stopped reply."""
        if self.withheld is None:
            return ()
        note = _note().format(sentence=self.withheld.text, unbacked="; ".join(self.withheld.unbacked))
        return (AIMessage(content=self.said or "..."), SystemMessage(content=note), HumanMessage(content="Go on."))

    def settle(self) -> str:
        """Nobody can be asked any more: says what the evidence supports in the place of the sentence held back."""
        if self.withheld is not None:
            self.said += replace(self.withheld, self._scope)
            self.withheld = None
        return self.said

    def _say(self, sentence: Sentence) -> None:
        if self.withheld is not None or _bare(sentence.text) in self._heard:
            return
        outcome = release(sentence, self._check, self._scope)
        if not isinstance(outcome, Withheld):
            self.said += outcome.text
        elif self._may_ask:
            self.withheld = outcome
        else:
            self.said += replace(outcome, self._scope)


def _check_for(scope: TurnScope) -> ClaimsCheck:
    """The turn's own, which learns what has been proved since the reply before."""
    if scope.check is None:
        scope.check = ClaimsCheck(today=scope.turn.now.date(), said=scope.turn.said)
    scope.check.begin()
    for evidence in scope.evidence[scope.learned :]:
        scope.check.learn(evidence)
    scope.learned = len(scope.evidence)
    return scope.check


def _bare(sentence: str) -> str:
    return _NEVER_SAID.sub(" ", sentence).strip().lower()


def _note() -> str:
    return (importlib.resources.files("agent") / "prompts" / "unbacked.md").read_text(encoding="utf-8").strip()
