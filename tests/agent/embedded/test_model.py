import json
from datetime import date

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import add_ai_message_chunks

from agent.embedded.frame import Frame, frame_of
from agent.embedded.language import recogniser
from agent.embedded.model import EmbeddedChatModel
from agent.embedded.scene import scene_of
from agent.embedded.toolbox import Toolbox
from tests.agent.embedded.stage import definitions

TODAY = date(2026, 11, 24)


async def streamed(model: EmbeddedChatModel, text: str) -> tuple[list[AIMessageChunk], AIMessageChunk]:
    bound = model.bind_tools(definitions())
    chunks = [chunk async for chunk in bound.astream([HumanMessage(content=text)]) if isinstance(chunk, AIMessageChunk)]
    return chunks, add_ai_message_chunks(chunks[0], *chunks[1:])


async def test_a_reply_streams_sentence_by_sentence_and_is_whole_in_the_end(model: EmbeddedChatModel) -> None:
    chunks, whole = await streamed(model, "what can you do?")
    reply = await model.bind_tools(definitions()).ainvoke([HumanMessage(content="what can you do?")])
    assert len([chunk for chunk in chunks if chunk.content]) == 3
    assert whole.content == reply.content
    assert whole.additional_kwargs == reply.additional_kwargs
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0


async def test_a_call_streams_with_its_arguments(model: EmbeddedChatModel) -> None:
    _, whole = await streamed(model, "is GA0412 on time tomorrow?")
    (call,) = whole.tool_calls
    assert (call["name"], call["args"]) == ("get_flight_status", {"flight_number": "GA412", "date": "2026-11-25"})


def test_the_frame_survives_json_and_a_strange_one_is_none() -> None:
    frame = Frame(intent="cancel_booking", slots={"record_locator": "K7XQ2P"}, awaiting="surname", queue=("add_bag",))
    assert frame_of(json.loads(json.dumps(frame.to_json()))) == frame
    assert frame_of({"intent": 3, "queue": "x"}) is None
    assert frame_of(None) is None


def test_a_conversation_is_read_with_or_without_its_facts() -> None:
    call = {"name": "get_booking", "args": {"record_locator": "K7XQ2P"}, "id": "1", "type": "tool_call"}
    messages: list[BaseMessage] = [
        SystemMessage(content="You help."),
        HumanMessage(content="show K7XQ2P"),
        AIMessage(content="", tool_calls=[call]),
        ToolMessage(content="no json", tool_call_id="1", name="get_booking"),
        AIMessage(content="Here.\n(Card shown: Cancel K7XQ2P.)"),
        SystemMessage(
            content="today: 2026-12-01\nspeaker: authenticated\nbookings verified: K7XQ2P (verified), J8NW3B"
        ),
        HumanMessage(content="and now?"),
    ]
    scene = scene_of(messages, today=TODAY)
    assert (scene.today, scene.speaker, scene.card) == (date(2026, 12, 1), "authenticated", "Cancel K7XQ2P.")
    assert scene.proved == {"K7XQ2P": "verified", "J8NW3B": "booking"}
    assert (scene.past[0].tool, scene.past[0].say, scene.results) == ("get_booking", "no json", ())
    bare = scene_of([HumanMessage(content="hi")], today=TODAY)
    assert (bare.today, bare.speaker, bare.proved) == (TODAY, "anonymous", {})


def test_only_arguments_a_tool_takes_are_given() -> None:
    schema = {"action": {"enum": ["cancel_booking"]}, "fee": {"anyOf": [{"const": "low"}, {"type": "null"}]}}
    function = {"name": "check", "parameters": {"properties": schema}}
    toolbox = Toolbox.of([{"type": "function", "function": function}])
    assert toolbox.fit("check", {"action": "cancel_booking", "other": 1}) == {"action": "cancel_booking"}
    assert toolbox.fit("check", {"action": "change_flight"}) is None
    assert toolbox.fit("check", {"fee": "high"}) is None
    assert toolbox.fit("unknown", {}) is None


def test_a_language_is_named_only_when_it_is_plain() -> None:
    recognise = recogniser(["de", "fr", "es", "nl"])
    assert recognise("Ich möchte meinen Flug K7XQ2P stornieren, bitte") == "de"
    assert recognise("Je voudrais annuler ma réservation") == "fr"
    assert recognise("please cancel my booking") is None
    assert recognise("Lindqvist") is None
    assert recognise("K7XQ2P Kowalczyk") is None
    assert recognise("ok") is None
