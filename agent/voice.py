"""One reply on its way to the person: pieces of text in, checked sentences out."""

from agent.claims import ClaimsCheck
from agent.releasing import release
from agent.scope import TurnScope
from agent.sentences import SentenceSplitter


class Voice:
    def __init__(self, scope: TurnScope) -> None:
        self._scope = scope
        self._splitter = SentenceSplitter()
        self._check = ClaimsCheck(today=scope.turn.now.date(), said=scope.turn.said)
        for text in scope.evidence:
            self._check.learn(text)
        self.said = ""
        """What this reply has let out so far."""

    def hear(self, piece: str) -> None:
        for sentence in self._splitter.feed(piece):
            self.said += release(sentence, self._check, self._scope)

    def finish(self) -> str:
        """The reply is whole: its last sentence may go too. Returns all that was said."""
        for sentence in self._splitter.rest():
            self.said += release(sentence, self._check, self._scope)
        return self.said
