"""A conversation as its speaker sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.answers import (
    Choice,
    Citation,
    ConversationView,
    ShownBacking,
    ShownClaim,
    ShownHandoff,
    ShownMessage,
    Usage,
)
from agent.showing import show_clause, show_proposal
from agent.store.conversations import Conversation, Entry
from agent.store.proposals import told_entry_id
from agent.store.turns import Backing, ClaimTold
from agent.usage import total
from tools.proposals import Proposal

_ROLES = {"customer": "customer", "agent": "agent", "system": "system"}


def show_conversation(
    conversation: Conversation,
    transcript: Sequence[Entry],
    proposals: Sequence[Proposal],
    usages: Sequence[Usage] = (),
) -> ConversationView:
    return ConversationView(
        id=conversation.id,
        status="closed" if conversation.status == "closed" else "open",
        opened_at=conversation.opened_at,
        messages=tuple(_show_entry(entry) for entry in transcript if entry.visible and entry.text),
        proposals=tuple(show_proposal(proposal) for proposal in proposals),
        handoff=show_handoff(conversation, None),
        usage=total(usages),
    )


def show_claims(told: Sequence[ClaimTold], proposals: Sequence[Proposal]) -> tuple[ShownClaim, ...]:
    """The claims ledger of a conversation, for staff: what was told on which evidence, in which version. What was
    told of an executed card rests on the card itself."""
    receipts = (proposal for proposal in proposals if proposal.status == "executed" and proposal.told)
    return (
        *(
            ShownClaim(message_id=c.entry_id, sentence=c.sentence, backing=tuple(map(_show_backing, c.evidence)))
            for c in told
        ),
        *(
            ShownClaim(
                message_id=told_entry_id(proposal),
                sentence=proposal.told or "",
                backing=(_show_backing(_receipt_of(proposal)),),
            )
            for proposal in receipts
        ),
    )


def _receipt_of(proposal: Proposal) -> Backing:
    locator = proposal.arguments.get("record_locator")
    return Backing(kind="receipt", source=proposal.tool, locator=locator, clauses=proposal.quote.clauses)


def _show_backing(backing: Backing) -> ShownBacking:
    return ShownBacking(
        kind=backing.kind,
        source=backing.source,
        record_locator=backing.locator,
        clauses=tuple(show_clause(clause) for clause in backing.clauses),
    )


def show_handoff(conversation: Conversation, handed_off: Mapping[str, object] | None) -> ShownHandoff:
    if handed_off is not None:
        return ShownHandoff(state="queued", case_id=str(handed_off["case_id"]), position=_whole(handed_off["position"]))
    return ShownHandoff(state=conversation.handoff, case_id=conversation.case_id, position=conversation.position)


def show_told(entry_id: str, say: str, proposal: Proposal, at: datetime) -> ShownMessage:
    """What the person is told when a proposal ended."""
    citations = tuple(show_clause(clause) for clause in proposal.quote.clauses)
    return ShownMessage(id=entry_id, role="assistant", text=say, citations=citations, at=at)


def last_text(transcript: Sequence[Entry]) -> str:
    return next((entry.text for entry in reversed(transcript) if entry.visible and entry.text), "")


def _show_entry(entry: Entry) -> ShownMessage:
    cited = entry.payload.get("citations")
    citations = tuple(Citation.model_validate(c) for c in cited) if isinstance(cited, list) else ()
    offered = entry.payload.get("choices")
    choices = tuple(Choice.model_validate(c) for c in offered) if isinstance(offered, list) else ()
    role = _ROLES.get(entry.role, "assistant")
    return ShownMessage(id=entry.id, role=role, text=entry.text, citations=citations, choices=choices, at=entry.at)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
