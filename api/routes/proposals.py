"""The person's own confirmation: the only thing that changes anything."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from agent.answers import Executed, ShownProposal
from api.openapi import SPEAKING, may_answer
from api.routes.speaking import PlatformOf, SignedIn, Speaking
from api.routes.words import Body, ShortText

router = APIRouter(prefix="/v1/proposals", tags=["proposals"], responses=SPEAKING | may_answer(403, 404, 409))


class Approving(Body):
    reason: Annotated[ShortText, Field(min_length=1)]


@router.post("/{proposal_id}/confirm")
async def confirm_proposal(platform: PlatformOf, speaker: Speaking, proposal_id: str) -> Executed:
    """Execute exactly what the card shows. Repeating it gives the same body; 409 brings the reason and a new card.

    Staff confirm on the caller's word, in a case of theirs that no customer's conversation belongs to.
    """
    if speaker.kind == "staff":
        return await platform.deciding.confirm(proposal_id, speaker)
    return await platform.concierge.confirm(proposal_id, speaker)


@router.post("/{proposal_id}/decline")
async def decline_proposal(platform: PlatformOf, speaker: Speaking, proposal_id: str) -> ShownProposal:
    return await platform.concierge.decline(proposal_id, speaker)


@router.post("/{proposal_id}/approve")
async def approve_proposal(
    platform: PlatformOf, speaker: SignedIn, proposal_id: str, approving: Approving
) -> Executed | ShownProposal:
    """By the role its clause names, and by another person than proposed it. Done at once where staff confirm it."""
    return await platform.deciding.approve(proposal_id, speaker, reason=approving.reason)
