"""Resolution options for staff: each already judged by the policy pack, and what was decided about it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, model_validator

from agent.desk.views import Accepted, Rates, Resolution
from agent.interface import ResolutionRequest
from api.openapi import SPEAKING, may_answer
from api.routes.speaking import PlatformOf, SignedIn
from api.routes.words import Body, MessageText, ShortText

router = APIRouter(prefix="/v1/resolutions", tags=["staff"], responses=SPEAKING | may_answer(403))
Name = Annotated[str, Field(min_length=1, max_length=100)]


class About(Body):
    """One of the three. A booking alone opens a case, with its reason."""

    case_id: Name | None = None
    conversation_id: Name | None = None
    record_locator: Name | None = None
    event: Name | None = None
    reason: ShortText = ""

    @model_validator(mode="after")
    def _one(self) -> "About":
        if sum(name is not None for name in (self.case_id, self.conversation_id, self.record_locator)) != 1:
            raise ValueError("Name one of case_id, conversation_id and record_locator.")
        return self


class Accepting(Body):
    reason: ShortText = ""
    reply: MessageText | None = None


class Editing(Body):
    reason: ShortText = ""
    reply: MessageText


class Rejecting(Body):
    reason: Annotated[ShortText, Field(min_length=1)]


@router.post("", status_code=201, responses=may_answer(404))
async def resolve(platform: PlatformOf, speaker: SignedIn, about: About) -> Resolution:
    return await platform.concierge.resolve(ResolutionRequest(**about.model_dump()), speaker)


@router.get("/rates")
async def show_rates(platform: PlatformOf, speaker: SignedIn) -> Rates:
    """How often options are accepted, edited and rejected, by option and by clause."""
    return await platform.deciding.rates(speaker)


@router.post("/{resolution_id}/options/{option_id}/accept", responses=may_answer(404, 409))
async def accept_option(
    platform: PlatformOf, speaker: SignedIn, resolution_id: str, option_id: str, accepting: Accepting | None = None
) -> Accepted:
    """A proposal for the customer or for an approver; done at once where it is staff's to confirm."""
    said = accepting or Accepting()
    return await platform.deciding.accept(resolution_id, option_id, speaker, reason=said.reason, reply=said.reply)


@router.post("/{resolution_id}/options/{option_id}/edit", responses=may_answer(404, 409))
async def edit_option(
    platform: PlatformOf, speaker: SignedIn, resolution_id: str, option_id: str, editing: Editing
) -> Accepted:
    """Accepted with a reply of your own; what is done, for how much and by which clause stays the same."""
    return await platform.deciding.accept(resolution_id, option_id, speaker, reason=editing.reason, reply=editing.reply)


@router.post("/{resolution_id}/options/{option_id}/reject", responses=may_answer(404, 409))
async def reject_option(
    platform: PlatformOf, speaker: SignedIn, resolution_id: str, option_id: str, rejecting: Rejecting
) -> Accepted:
    return await platform.deciding.reject(resolution_id, option_id, speaker, reason=rejecting.reason)
