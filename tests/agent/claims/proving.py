"""Evidence for tests, in few words: what tools told a conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from agent.claims.check import Checked, ClaimsCheck
from agent.claims.evidence import Evidence, evidence_of_call, evidence_of_proposal
from agent.sentences import split_sentences
from knowledge.clause import ClauseRef
from knowledge.decision import Amount
from tools.domain.money import format_minor
from tools.domain.outcomes import Done, Outcome, Refused
from tools.ports import Subject
from tools.proposals import Proposal, Quote, Status
from tools.telling import tell_outcome

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
FLEX = ClauseRef(clause_id="CXL-FLEX", version=1, title="Cancelling a Flex fare")
Amounts = Mapping[str, int]


def read_clauses(*clauses: tuple[str, str, str]) -> tuple[Evidence, ...]:
    """Clauses found by a search, each as id, title and text."""
    refs = tuple(ClauseRef(clause_id=clause_id, version=1, title=title) for clause_id, title, _ in clauses)
    passages = [{"clause_id": clause_id, "title": title, "text": text} for clause_id, title, text in clauses]
    return told("search_policies", Done(say="", clauses=refs, data={"passages": passages}))


def allowed(locator: str, amounts: Amounts, say: str = "", clause: ClauseRef = FLEX) -> tuple[Evidence, ...]:
    """A decision that a booking may be cancelled, with its amounts in euro cents."""
    data = {
        "eligible": True,
        "action": "cancel_booking",
        "record_locator": locator,
        "amounts": {name: format_minor(minor, "EUR") for name, minor in amounts.items()},
    }
    return told("check_eligibility", Done(say=say, clauses=(clause,), data=data), record_locator=locator)


def refused(locator: str, say: str, clause: ClauseRef = FLEX) -> tuple[Evidence, ...]:
    return told("check_eligibility", Refused(say=say, clauses=(clause,)), record_locator=locator)


def told(tool: str, outcome: Outcome, **arguments: object) -> tuple[Evidence, ...]:
    return evidence_of_call(tool, arguments, tell_outcome(outcome), fresh=True)


def cancellation(locator: str, amounts: Amounts, status: Status = "pending") -> tuple[Evidence, ...]:
    """The card that cancels a booking, or its receipt when it is executed."""
    proposal = Proposal(
        id="p",
        conversation_id="c",
        tool="cancel_booking",
        arguments={"record_locator": locator},
        sources={},
        details={},
        summary=f"Cancel booking {locator} (FRA - LIS, 1 passenger)",
        confirm_phrase=None,
        quote=Quote(
            clauses=(FLEX,),
            amounts=tuple(Amount(name=name, minor=minor, currency="EUR") for name, minor in amounts.items()),
            grants=(),
        ),
        subject=Subject("system"),
        proposed_by=Subject("system"),
        version=None,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
        receipt=f"Booking {locator} is cancelled. {format_minor(amounts['refund'], 'EUR')} goes back to your card.",
        status=status,
    )
    return evidence_of_proposal(proposal)


def checking(*evidence: Evidence, said: Sequence[str] = ("hello",)) -> ClaimsCheck:
    check = ClaimsCheck(today=TODAY, said=said)
    for one in evidence:
        check.learn(one)
    return check


def judge(text: str, *evidence: Evidence, said: Sequence[str] = ("hello",)) -> list[Checked]:
    check = checking(*evidence, said=said)
    return [check.check(sentence) for sentence in split_sentences(text)]


def released(text: str, *evidence: Evidence, said: Sequence[str] = ("hello",)) -> bool:
    """Whether every sentence of a text may leave."""
    return all(checked.backed for checked in judge(text, *evidence, said=said))


def refs_of(checked: Checked) -> list[dict[str, object]]:
    return [asdict(evidence.clause) for evidence in checked.backing if evidence.clause]
