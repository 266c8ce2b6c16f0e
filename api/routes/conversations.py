"""Conversations: open, claim, speak, read back, follow, rate."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from agent.answers import Answer, ConversationSummary, ConversationView, Opened
from agent.interface import Message
from api.openapi import SPEAKING, may_answer
from api.routes.speaking import PlatformOf, SignedIn, Speaking
from api.routes.stream import log_frames, streamed, turn_frames
from api.routes.words import Body, MessageText, ShortText

router = APIRouter(prefix="/v1", tags=["conversations"], responses=SPEAKING)
_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}


class Claim(Body):
    secret: Annotated[str, Field(min_length=1, max_length=200)]


class NewMessage(Body):
    text: MessageText


class Feedback(Body):
    rating: Literal["up", "down"]
    comment: ShortText = ""


@router.post("/conversations", status_code=201, response_model_exclude_none=True)
async def open_conversation(
    platform: PlatformOf, speaker: Speaking, response: Response, nothing: Body | None = None
) -> Opened:
    """Anyone may open one. An anonymous person gets its `secret`, once: send it as the bearer of this conversation."""
    opened = await platform.concierge.open(speaker)
    response.headers["Location"] = f"/v1/conversations/{opened.id}"
    return opened


@router.post("/conversations/{conversation_id}/claim", responses=may_answer(403, 404))
async def claim_conversation(
    platform: PlatformOf, speaker: SignedIn, conversation_id: str, claim: Claim
) -> ConversationView:
    """Bind an anonymous conversation to the person who signed in; afterwards its secret opens nothing."""
    return await platform.concierge.claim(conversation_id, speaker, claim.secret)


@router.post(
    "/conversations/{conversation_id}/messages", response_model=Answer, responses=_STREAM | may_answer(403, 404)
)
async def send_message(
    request: Request,
    platform: PlatformOf,
    speaker: Speaking,
    conversation_id: str,
    message: NewMessage,
    *,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")] = None,
) -> Response:
    """One turn. `Accept: text/event-stream` streams it; a repeated `Idempotency-Key` gets the first answer again."""
    turn = await platform.concierge.handle(
        Message(conversation_id=conversation_id, text=message.text, idempotency_key=idempotency_key), speaker
    )
    if _wants_stream(request.headers.get("accept", "")):
        return streamed(turn_frames(turn.events()))
    answer = await turn.answer()
    return JSONResponse(answer.model_dump(mode="json"))


@router.get("/conversations/{conversation_id}", responses=may_answer(404))
async def read_conversation(platform: PlatformOf, speaker: Speaking, conversation_id: str) -> ConversationView:
    return await platform.concierge.conversation(conversation_id, speaker)


@router.get("/me/conversations", responses=may_answer(403))
async def list_conversations(platform: PlatformOf, speaker: SignedIn) -> tuple[ConversationSummary, ...]:
    return await platform.concierge.conversations(speaker)


@router.get("/conversations/{conversation_id}/events", response_class=Response, responses=_STREAM | may_answer(404))
async def follow_conversation(
    request: Request,
    platform: PlatformOf,
    speaker: Speaking,
    conversation_id: str,
    last_event_id: Annotated[int, Header(ge=0, le=2**53)] = 0,
) -> Response:
    """Everything after `Last-Event-ID`, then live: replies of people, hand-off and proposal changes."""
    await platform.concierge.conversation(conversation_id, speaker)  # a stranger gets a 404, not an empty stream
    events = platform.concierge.events(conversation_id, speaker, last_event_id)
    return streamed(log_frames(events), until=request.app.state.stopping)


@router.post(
    "/conversations/{conversation_id}/messages/{message_id}/feedback", status_code=204, responses=may_answer(404)
)
async def rate_message(
    platform: PlatformOf, speaker: Speaking, conversation_id: str, message_id: str, feedback: Feedback
) -> None:
    await platform.concierge.rate(conversation_id, message_id, speaker, feedback.rating, feedback.comment)


def _wants_stream(accept: str) -> bool:
    offered = [entry.split(";")[0].strip().lower() for entry in accept.split(",")]
    return "text/event-stream" in offered
