"""The contact centre's queue and its cases. Who has a case works on it; everybody of the staff sees it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from agent.answers import ShownMessage
from agent.desk.views import CaseSummary, CaseView, ShownNote
from api.openapi import SPEAKING, may_answer
from api.routes.speaking import PlatformOf, SignedIn
from api.routes.words import Body, MessageText

router = APIRouter(prefix="/v1/cases", tags=["staff"], responses=SPEAKING | may_answer(403))


class Said(Body):
    text: MessageText


class Noted(Body):
    text: Annotated[MessageText, Field(description="For colleagues only.")]


@router.get("")
async def list_cases(platform: PlatformOf, speaker: SignedIn) -> tuple[CaseSummary, ...]:
    """Those that wait and those in work, with whom; severest first, then oldest."""
    return await platform.desk.queue(speaker)


@router.get("/{case_id}", responses=may_answer(404))
async def read_case(platform: PlatformOf, speaker: SignedIn, case_id: str) -> CaseView:
    """The packet, the transcript, the proposals, the notes and the customer in one view."""
    return await platform.desk.case(case_id, speaker)


@router.post("/{case_id}/take", responses=may_answer(404, 409))
async def take_case(platform: PlatformOf, speaker: SignedIn, case_id: str) -> CaseSummary:
    """The first has it; 409 says who does."""
    return await platform.desk.take(case_id, speaker)


@router.post("/{case_id}/give-back", responses=may_answer(404))
async def give_case_back(platform: PlatformOf, speaker: SignedIn, case_id: str) -> CaseSummary:
    return await platform.desk.give_back(case_id, speaker)


@router.post("/{case_id}/close", responses=may_answer(404))
async def close_case(platform: PlatformOf, speaker: SignedIn, case_id: str) -> CaseSummary:
    """The conversation goes back to the assistant and starts clean."""
    return await platform.desk.close(case_id, speaker)


@router.post("/{case_id}/messages", status_code=201, responses=may_answer(404))
async def write_to_customer(platform: PlatformOf, speaker: SignedIn, case_id: str, said: Said) -> ShownMessage:
    return await platform.desk.message(case_id, said.text, speaker)


@router.post("/{case_id}/notes", status_code=201, responses=may_answer(404))
async def write_note(platform: PlatformOf, speaker: SignedIn, case_id: str, noted: Noted) -> ShownNote:
    return await platform.desk.note(case_id, noted.text, speaker)
