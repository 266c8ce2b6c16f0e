"""The contract of the lean client, adapter and transport: recorded streams through the stock client and through it come
to one message, and its failures are the same."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_openai import ChatOpenAI

from agent.joining import Joiner
from agent.sentences import SentenceSplitter
from agent.streaming import Lines, joined_chunks
from agent.transport import AiohttpTransport
from agent.wire import Wire
from tests.agent.misbehaving import (
    USAGE,
    USAGE_EVENT,
    Act,
    ModelServer,
    Silent,
    call_piece,
    calls,
    cuts,
    ends_early,
    event,
    fails,
    reports_error,
    says,
    serving,
    stalls,
    text_events,
)

LONG = "One bag is fine. [[BAG-CABIN]] It may have 8 kg, e.g. a trolley.\nIs there anything else? Just ask."
REFUSAL = Act(events=[event({"role": "assistant", "refusal": "I "}), event({"refusal": "cannot."}), event({}, "stop")])
REASONED = Act(
    events=[
        event({"role": "assistant", "reasoning_content": "Let me think."}),
        event({"content": "Yes. "}),
        event({"content": "It is."}),
        event({}, "stop"),
        USAGE_EVENT,
    ]
)
AZURE = Act(
    events=[
        {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": []},
        *text_events("A bag. Another."),
        {
            **event(None),
            "choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {"check_offset": 3}}],
        },
        event({}, "stop", system_fingerprint="fp_1", service_tier="default"),
        {**USAGE_EVENT, "service_tier": "default"},
    ]
)
COUNTING = Act(
    events=[
        event({"role": "assistant", "content": "One. "}, usage=USAGE),
        event({"content": "Two."}, usage=USAGE),
        event({}, "stop", usage=USAGE),
    ]
)
NO_INDEX = Act(
    events=[
        event({"role": "assistant", "tool_calls": [call_piece(None, id="a", name="f", arguments='{"x": 1}')]}),
        event({"tool_calls": [call_piece(None, id="b", name="g", arguments="{}")]}),
        event({}, "tool_calls"),
    ]
)
RECORDED: dict[str, Act] = {
    "text": says(LONG),
    "one word": says("Yes"),
    "nothing": says(""),
    "one call": calls(("search_policies", {"query": "size of a cabin bag"})),
    "text and a call": calls(("search_policies", {"query": "bag"}), text="Let me look. One moment."),
    "parallel calls": calls(("get_booking", {"record_locator": "K7XQ2P"}), ("list_bookings", {}), ("h", {"a": [1]})),
    "malformed arguments": calls(("search_policies", '{"query": "bag')),
    "refusal": REFUSAL,
    "reasoning": REASONED,
    "azure": AZURE,
    "usage in every chunk": COUNTING,
    "calls without an index": NO_INDEX,
    "cut by length": Act(events=[*text_events(LONG), event({}, "length"), USAGE_EVENT]),
    "filtered": Act(events=[*text_events(LONG), event({}, "content_filter")]),
    "ended early": ends_early(LONG),
    "carriage returns": Act(events=[json.dumps(e) + "\r" for e in text_events(LONG)]),
    "data in two lines": Act(events=[json.dumps(event({"content": "A."}), indent=0).replace("\n", "\ndata: ")]),
}

Way = Literal["stock", "first", "later"]


def chat(server: ModelServer, *, lean: bool, seconds: float = 30) -> ChatOpenAI:
    transport = AiohttpTransport(keepalive_seconds=60, connections=10)
    model = ChatOpenAI(
        model="mock",
        api_key="k",
        base_url=server.url,
        streaming=True,
        stream_usage=True,
        max_retries=0,
        timeout=seconds,
        stream_chunk_timeout=None,
        # a client of its own: langchain-openai shares one by address, and a port may be taken again after it was closed
        http_async_client=openai.DefaultAsyncHttpxClient(transport=transport if lean else None, timeout=seconds),
    )
    if lean:
        model.async_client = Wire(model.root_async_client, transport)
    return model


async def ready(server: ModelServer, way: Way, seconds: float = 30) -> ChatOpenAI:
    """first: the lean client's first request, which the SDK makes. later: it has made one."""
    model = chat(server, lean=way != "stock", seconds=seconds)
    if way == "later":
        server.script.insert(0, says("Hello."))
        await model.ainvoke("Hello?")
        server.requests.clear()
        server.keys.clear()
        server.paths.clear()
    return model


WAYS: tuple[Way, ...] = ("stock", "first", "later")


async def heard(model: ChatOpenAI) -> tuple[AIMessage, int]:
    chunks = [chunk async for chunk in model.astream("How big?") if isinstance(chunk, AIMessageChunk)]
    await model.root_async_client.close()
    whole = add_ai_message_chunks(chunks[0], *chunks[1:])
    return whole.model_copy(update={"id": None}), len(chunks)


@pytest.mark.parametrize("name", RECORDED)
async def test_the_adapter_and_the_stock_client_come_to_the_same_message(name: str) -> None:
    came = []
    for way in WAYS:
        async with serving(RECORDED[name]) as server:
            message, _ = await heard(await ready(server, way))
            came.append((message, server.requests, server.keys, server.paths))
    assert came[0] == came[1] == came[2]
    assert came[0][2] == ["Bearer k"]


async def test_a_reply_arrives_in_sentences_and_a_call_in_one_piece() -> None:
    async with serving(says(LONG), calls(("search_policies", {"query": "size of a cabin bag"}))) as server:
        _, sentences = await heard(chat(server, lean=True))
        _, call = await heard(chat(server, lean=True))
    assert sentences <= 6
    assert call <= 2


async def test_a_plain_call_takes_the_lean_way_too() -> None:
    said = []
    for way in WAYS:
        async with serving(says(LONG)) as server:
            model = await ready(server, way)
            said.append((await model.ainvoke("How big?")).model_copy(update={"id": None}))
            await model.root_async_client.close()
    assert said[0] == said[1] == said[2]


FAILING: Sequence[tuple[Act | Silent, type[Exception]]] = [
    (reports_error("One. Two", {"message": "overloaded", "code": "x"}), openai.APIError),
    (reports_error("", {"code": "no message"}), openai.APIError),
    (cuts("One bag. And"), openai.APIConnectionError),
    (stalls("One bag. And"), openai.APITimeoutError),
    (Silent(), openai.APITimeoutError),
    (fails(400, "context_length_exceeded", "too long"), openai.BadRequestError),
    (fails(401), openai.AuthenticationError),
    (fails(403), openai.PermissionDeniedError),
    (fails(404), openai.NotFoundError),
    (fails(418, "teapot"), openai.APIStatusError),
    (fails(429, Retry_After="1"), openai.RateLimitError),
    (fails(500), openai.InternalServerError),
    (Act(status=503, raw=b"<html>down</html>"), openai.InternalServerError),
    (Act(events=["{no json"]), ValueError),
]


@pytest.mark.parametrize(("act", "error"), FAILING)
async def test_a_failure_raises_what_the_stock_client_raises(act: Act | Silent, error: type[Exception]) -> None:
    quiet = isinstance(act, Silent) or act.ending == "stall"
    kinds = set()
    for way in WAYS:
        async with serving(act) as server:
            model = await ready(server, way, seconds=0.3 if quiet else 30)
            with pytest.raises(error) as raised:
                await heard(model)
            await model.root_async_client.close()
        kinds.add(type(raised.value))
    assert len(kinds) == 1


@pytest.mark.parametrize("act", [fails(429, "quota", "slow down", Retry_After="1"), Act(status=502, raw=b"bad")])
async def test_a_refusal_says_what_the_stock_client_says(act: Act) -> None:
    told = []
    for way in WAYS:
        async with serving(act) as server:
            model = await ready(server, way)
            with pytest.raises(openai.APIStatusError) as raised:
                await heard(model)
            await model.root_async_client.close()
        error = raised.value
        told.append((error.message, error.code, error.body, error.response.headers.get("retry-after")))
    assert told[0] == told[1] == told[2]


async def test_a_server_that_went_away_is_a_connection_error() -> None:
    async with serving() as server:
        model = await ready(server, "later")
    with pytest.raises(openai.APIConnectionError) as raised:
        await heard(model)
    await model.root_async_client.close()
    cause = raised.value.__cause__
    assert isinstance(cause, openai.APIConnectionError)
    assert isinstance(cause.__cause__, httpx2.RequestError)


async def test_an_error_event_keeps_its_body() -> None:
    async with serving(reports_error("One. ", {"message": "stopped", "code": "content_filter"})) as server:
        model = chat(server, lean=True)
        with pytest.raises(openai.APIError, match="stopped") as raised:
            await heard(model)
        await model.root_async_client.close()
    assert raised.value.code == "content_filter"


async def test_a_connection_is_used_again_for_the_next_call() -> None:
    async with serving(says("One."), says("Two.")) as server:
        model = chat(server, lean=True)
        for _ in range(2):
            assert [chunk async for chunk in model.astream("again")]
        assert len(server._writers) == 1
        await model.root_async_client.close()


async def test_options_the_adapter_does_not_know_take_the_stock_way() -> None:
    async with serving(says("One.")) as server:
        model = chat(server, lean=True)
        bound = model.bind(extra_headers={"x-test": "1"}, extra_body={"top_k": 3})
        assert [chunk async for chunk in bound.astream("again")]
        await model.root_async_client.close()
    assert server.requests[0]["top_k"] == 3


@given(st.lists(st.integers(min_value=1, max_value=40), min_size=1), st.booleans())
def test_events_are_read_alike_however_their_bytes_are_cut(cuts_at: list[int], crlf: bool) -> None:
    end = "\r\n" if crlf else "\n"
    sent = "".join(f": ping{end}data: {json.dumps({'n': n, 'text': 'ü. ' * n})}{end}{end}" for n in range(9)).encode()
    lines, read, rest = Lines(), [], sent
    for length in cuts_at * len(sent):
        if not rest:
            break
        read += [json.loads(data)["n"] for data in lines.take(rest[:length])]
        rest = rest[length:]
    assert read == list(range(9))


@given(
    st.text(alphabet="ab .!?[]-\n", max_size=80),
    st.integers(min_value=1, max_value=9),
    st.integers(min_value=1, max_value=5),
)
def test_joining_loses_and_adds_no_character_however_many_come_together(text: str, size: int, together: int) -> None:
    sent = [event({"content": text[i : i + size]}) for i in range(0, len(text), size)]
    sent += [event({}, "stop")]
    joiner = Joiner()
    joined = [out for i in range(0, len(sent), together) for out in joiner.take(sent[i : i + together])]
    joined += joiner.rest()
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in joined) == text
    assert [chunk["choices"][0]["finish_reason"] for chunk in joined][-1] == "stop"
    assert len(joined) <= -(-len(sent) // together) + 1


async def test_what_comes_before_an_error_in_one_read_is_not_lost() -> None:
    sent = [f"data: {json.dumps(event({'content': piece}))}\n\n" for piece in ("One bag. ", "It may ", "be small.")]
    sent += [f"data: {json.dumps({'error': {'message': 'overloaded'}})}\n\n"]
    said: list[str] = []

    async def received() -> AsyncIterator[bytes]:
        yield "".join(sent).encode()

    async def hear() -> None:
        async for chunk in joined_chunks(received(), httpx2.Request("POST", "http://model.test")):
            said.append(chunk["choices"][0]["delta"]["content"])

    with pytest.raises(openai.APIError, match="overloaded"):
        await hear()
    assert said == ["One bag. It may be small."]


@pytest.mark.parametrize(
    "text",
    [
        "One bag is fine. [[BAG-CABIN]] It may have 8 kg. Do you need more? Just ask.",
        "Yes. OK. No. You may.",
        "It leaves at gate 25. Please be there.\n- one\n- two\nThat is all.",
        "Am 25. November fliegt sie nicht. Morgen schon.",
        "可以。没问题。再见。",
    ],
)
def test_a_sentence_leaves_when_the_splitter_can_tell_it_is_over(text: str) -> None:
    pieces = re.findall(r"\s*\w+|\s*\W", text)
    alone, joined, joiner = SentenceSplitter(), SentenceSplitter(), Joiner()
    behind = 0
    for piece in pieces:
        behind += len(alone.feed(piece))
        for chunk in joiner.take([event({"content": piece})]):
            behind -= len(joined.feed(chunk["choices"][0]["delta"]["content"]))
        assert behind <= 1
    assert behind == 0
