"""A conversation as its speaker sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.answers import Citation, ConversationView, ShownHandoff, ShownMessage
from agent.showing import show_clause, show_proposal
from agent.store.conversations import Conversation, Entry
from tools.proposals import Proposal

_ROLES = {"customer": "customer", "agent": "agent", "system": "system"}


def show_conversation(
    conversation: Conversation, transcript: Sequence[Entry], proposals: Sequence[Proposal]
) -> ConversationView:
    return ConversationView(
        id=conversation.id,
        status="closed" if conversation.status == "closed" else "open",
        opened_at=conversation.opened_at,
        messages=tuple(_show_entry(entry) for entry in transcript if entry.visible and entry.text),
        proposals=tuple(show_proposal(proposal) for proposal in proposals),
        handoff=show_handoff(conversation, None),
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
    role = _ROLES.get(entry.role, "assistant")
    return ShownMessage(id=entry.id, role=role, text=entry.text, citations=citations, at=entry.at)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
