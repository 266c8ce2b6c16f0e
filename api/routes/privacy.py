"""A customer's rights over their data: a copy of it, and its end."""

from fastapi import APIRouter, Response

from agent.rights import Erased, Export
from api.openapi import SPEAKING, may_answer
from api.routes.speaking import PlatformOf, SignedIn

router = APIRouter(prefix="/v1/me", tags=["privacy"], responses=SPEAKING | may_answer(403))


@router.get("/export")
async def export_data(platform: PlatformOf, speaker: SignedIn, response: Response) -> Export:
    """Everything Concierge holds of the customer who asks."""
    response.headers["Content-Disposition"] = 'attachment; filename="concierge-export.json"'
    return await platform.privacy.export(speaker)


@router.delete("/conversations")
async def erase_data(platform: PlatformOf, speaker: SignedIn) -> Erased:
    """Erases at once, or as soon as nothing of theirs is unfinished; `detail` says which and why."""
    return await platform.privacy.erase(speaker)
