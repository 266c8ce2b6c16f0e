"""The person's own confirmation: the only thing that changes anything."""

from fastapi import APIRouter

from agent.answers import Executed, ShownProposal
from api.routes.speaking import PlatformOf, Speaking

router = APIRouter(prefix="/v1/proposals", tags=["proposals"])


@router.post("/{proposal_id}/confirm")
async def confirm_proposal(platform: PlatformOf, speaker: Speaking, proposal_id: str) -> Executed:
    """Execute exactly what the card shows. Repeating it gives the same body; 409 brings the reason and a new card."""
    return await platform.concierge.confirm(proposal_id, speaker)


@router.post("/{proposal_id}/decline")
async def decline_proposal(platform: PlatformOf, speaker: Speaking, proposal_id: str) -> ShownProposal:
    return await platform.concierge.decline(proposal_id, speaker)
