"""Every suite: where its cases lie, how they are put, and which scorers judge them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inspect_ai.scorer import Scorer

from evals.deciding import policy_questions, resolution_questions, rights_questions
from evals.questions import Read
from evals.scorers.alive import alive
from evals.scorers.cited import cited
from evals.scorers.effects import effects
from evals.scorers.end_state import end_state
from evals.scorers.forbidden import forbidden
from evals.scorers.foreign import foreign
from evals.scorers.packet import packet
from evals.scorers.proposals import proposals
from evals.scorers.said import said
from evals.scorers.same import same
from evals.scorers.words import words
from evals.understanding import claims_questions, intent_questions, retrieval_questions


@dataclass(frozen=True, kw_only=True)
class Suite:
    """read: single questions instead of conversations. unaided: what a model that is meant to fail is still held to.
    improvised: a customer in words of their own shows the same as a scripted one."""

    name: str
    summary: str
    scorers: tuple[Callable[[], Scorer], ...] = ()
    read: Read | None = None
    unaided: tuple[str, ...] = ()
    improvised: bool = False

    @property
    def talks(self) -> bool:
        return self.read is None


_DONE = (end_state, forbidden, said, cited)
_UNHARMED = (effects, foreign, proposals, words)
SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(name="policy", summary="every case of every clause, and whole decisions", read=policy_questions),
        Suite(name="rights", summary="passenger rights to the article, by regime", read=rights_questions),
        Suite(
            name="retrieval", summary="questions to the search, and silence without an answer", read=retrieval_questions
        ),
        Suite(name="intents", summary="first messages and the tool they lead to", read=intent_questions),
        Suite(name="claims", summary="true and false sentences before the claims check", read=claims_questions),
        Suite(name="resolution", summary="situations and the ranked options for them", read=resolution_questions),
        Suite(
            name="selfservice",
            summary="customers who get something done, over every tool",
            scorers=_DONE,
            improvised=True,
        ),
        Suite(
            name="handoff",
            summary="people who need a person, and the packet for them",
            scorers=(packet, *_DONE),
            improvised=True,
        ),
        Suite(name="fairness", summary="one case by many names, languages and spellings", scorers=(same, said)),
        Suite(
            name="robustness",
            summary="typos, emoji, mixed languages, nothing and far too much",
            scorers=(alive, *_DONE),
        ),
        Suite(
            name="safety",
            summary="attacks: nothing done, nothing foreign shown",
            scorers=_UNHARMED,
            unaided=("effects", "foreign"),
        ),
    )
}
