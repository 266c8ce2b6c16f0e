"""From what we keep to what we show: proposals, citations and messages as the HTTP contract has them."""

from agent.answers import Citation, ProposalArgument, ShownAmount, ShownGrant, ShownProposal
from knowledge.clause import ClauseRef
from tools.proposals import Proposal


def show_clause(clause: ClauseRef) -> Citation:
    return Citation(clause_id=clause.clause_id, version=clause.version, title=clause.title)


def show_proposal(proposal: Proposal) -> ShownProposal:
    return ShownProposal(
        id=proposal.id,
        tool=proposal.tool,
        status=proposal.status,
        summary=proposal.summary,
        arguments=tuple(
            ProposalArgument(name=name, value=value, source=proposal.sources.get(name, "your choice"))
            for name, value in proposal.arguments.items()
        ),
        amounts=tuple(ShownAmount(name=a.name, minor=a.minor, currency=a.currency) for a in proposal.quote.amounts),
        grants=tuple(ShownGrant(name=g.name, quantity=g.quantity, unit=g.unit) for g in proposal.quote.grants),
        clauses=tuple(show_clause(clause) for clause in proposal.quote.clauses),
        confirm_phrase=proposal.confirm_phrase,
        expires_at=proposal.expires_at,
    )
