"""Between rows and records, for what more than one store reads."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from agent.answers import TurnEvent
from tools.proposals import Proposal

_EVENT: TypeAdapter[TurnEvent] = TypeAdapter(TurnEvent)
_PROPOSAL: TypeAdapter[Proposal] = TypeAdapter(Proposal)
_KEPT_APART = {"status", "told"}


def event_body(event: TurnEvent) -> dict[str, object]:
    return event.model_dump(mode="json")


def read_event(body: object) -> TurnEvent:
    return _EVENT.validate_python(body)


def proposal_row(proposal: Proposal) -> dict[str, object]:
    return {
        "id": proposal.id,
        "conversation_id": proposal.conversation_id,
        "status": proposal.status,
        "told": proposal.told,
        "body": _PROPOSAL.dump_python(proposal, mode="json", exclude=_KEPT_APART),
        "created_at": proposal.created_at,
        "expires_at": proposal.expires_at,
    }


def read_proposal(row: Mapping[str, object]) -> Proposal:
    body = row["body"]
    if not isinstance(body, Mapping):
        raise TypeError("a proposal's body is an object")
    return _PROPOSAL.validate_python({**body, "status": row["status"], "told": row["told"]})
