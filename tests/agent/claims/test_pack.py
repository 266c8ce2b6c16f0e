"""Every sentence of the pack that ships is true of the pack: the check lets its own wording through."""

import re

from agent.claims.check import ClaimsCheck
from agent.claims.evidence import evidence_of_call
from agent.sentences import Sentence, split_sentences
from knowledge.clause import Clause
from knowledge.pack import PolicyPack
from tests.agent.claims.proving import TODAY
from tools.domain.outcomes import Done
from tools.telling import tell_outcome

_WRAP = re.compile(r"(?<=\S)[ \t]*\n(?![ \t]*(?:\n|[-*•]))[ \t]*")


def wordings(clause: Clause) -> list[str]:
    """Its sentences, without its headings: those are a customer's question."""
    lines = _WRAP.sub(" ", clause.body).split("\n")
    return [s.text for line in lines for s in split_sentences(line) if not s.text.rstrip().endswith("?")]


def check_with(clause: Clause) -> ClaimsCheck:
    passage = {"clause_id": clause.id, "title": clause.title, "text": clause.body}
    found = Done(say="", clauses=(clause.ref,), data={"passages": [passage]})
    check = ClaimsCheck(today=TODAY, said=["hello"])
    for evidence in evidence_of_call("search_policies", {}, tell_outcome(found), fresh=True):
        check.learn(evidence)
    return check


def test_the_packs_own_sentences_leave_when_they_are_cited(pack: PolicyPack) -> None:
    told = [
        (clause.label, text, check.check(Sentence(text=text, cited=(clause.id,))))
        for clause in pack.clauses
        for check in [check_with(clause)]
        for text in wordings(clause)
    ]
    held = [(label, text, checked.unbacked) for label, text, checked in told if not checked.backed]
    assert len(held) <= 0.015 * len(told), held
