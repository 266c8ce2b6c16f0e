"""What holds for every response, and the routes beside the conversation."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.auth.sign_in import SignIn
from api.problems import problem_of
from api.routes.stream import Burst, kept_alive
from tests.api.fake import ANNA, FakePlatform
from tests.api.test_conversations import BAGS, CANCEL, assert_problem, opened
from tools.domain.errors import (
    ConciergeError,
    NotFound,
    OutcomeUnknown,
    Rejected,
    ServiceUnavailable,
    SettingsError,
    VersionConflict,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_an_unknown_path_and_a_wrong_method_are_problem_documents(http: httpx.AsyncClient) -> None:
    assert_problem(await http.get("/v1/nothing"), 404, "not-found")
    wrong = await http.delete("/v1/conversations")
    assert_problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "POST"
    assert_problem(await http.get("/web/../app.py"), 404, "not-found")
    assert_problem(await http.get("/web/%2e%2e/app.py"), 404, "not-found")


async def test_the_callers_trace_goes_on_and_a_malformed_one_starts_anew(http: httpx.AsyncClient) -> None:
    given = await http.get("/healthz", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    assert re.fullmatch(rf"00-{TRACE}-(?!b7ad6b7169203331)[0-9a-f]{{16}}-01", given.headers["traceparent"])
    for broken in ("x", f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-{TRACE.upper()}-b7ad6b7169203331-01"):
        fresh = (await http.get("/healthz", headers={"traceparent": broken})).headers["traceparent"]
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", fresh)
        assert TRACE not in fresh
        assert "0" * 32 not in fresh


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/nothing", "/web/chat.css", "/dev/login", "/openapi.json"])
async def test_every_response_is_sealed(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-store" if path.startswith(("/v1", "/dev", "/health")) else "no-cache")
    assert "traceparent" in headers
    assert "server" not in headers


async def test_the_openapi_document_knows_every_route_and_its_problems(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    paths = document["paths"]
    assert {"/v1/conversations/{conversation_id}/messages", "/v1/proposals/{proposal_id}/confirm"} <= paths.keys()
    for operations in paths.values():
        for operation in operations.values():
            assert "default" not in operation["responses"]
            for status in ("413", "422", "504"):
                schemas = [kind["schema"]["$ref"] for kind in operation["responses"][status]["content"].values()]
                assert "#/components/schemas/Problem" in schemas
    assert paths["/v1/cases"]["get"]["security"] == [{"bearer": []}, {}]
    assert "correlation_id" in document["components"]["schemas"]["Problem"]["properties"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VersionConflict("case"), 409),
        (ServiceUnavailable("case"), 503),
        (OutcomeUnknown("case"), 503),
        (NotFound("booking", "K7XQ2P"), 404),
        (Rejected("booking", "K7XQ2P is flown"), 409),
        (SettingsError("CONCIERGE_HOME: /srv/secret"), 500),
    ],
)
def test_what_a_service_says_is_not_passed_on(error: ConciergeError, status: int) -> None:
    shown = problem_of(error)
    assert shown.status == status
    assert not {"K7XQ2P", "/srv"} & set(shown.detail.split())


async def test_a_clause_is_read_in_the_version_in_force_or_the_one_asked_for(http: httpx.AsyncClient) -> None:
    now = (await http.get("/v1/policies/BAG-CABIN")).json()
    assert (now["version"], now["versions"], now["effective_from"]) == (2, [1, 2, 3], "2024-01-01")
    assert "cabin bag" in now["text"]
    assert (await http.get("/v1/policies/BAG-CABIN?version=1")).json()["version"] == 1
    assert_problem(await http.get("/v1/policies/BAG-CABIN?version=9"), 404, "not-found")
    assert_problem(await http.get("/v1/policies/BAG-CABIN?version=x"), 422, "invalid-request")
    assert_problem(await http.get("/v1/policies/NOPE"), 404, "not-found")


async def test_a_clause_for_staff_does_not_exist_for_others(
    http: httpx.AsyncClient, anna: dict[str, str], sara: dict[str, str]
) -> None:
    assert_problem(await http.get("/v1/policies/GOODWILL"), 404, "not-found")
    assert_problem(await http.get("/v1/policies/GOODWILL", headers=anna), 404, "not-found")
    assert (await http.get("/v1/policies/GOODWILL", headers=sara)).status_code == 200


async def test_search_answers_with_ranked_clauses_or_with_none(http: httpx.AsyncClient) -> None:
    found = (await http.get("/v1/knowledge/search", params={"q": "cabin bag"})).json()
    assert [result["clause_id"] for result in found["results"]] == ["BAG-CABIN"]
    assert (await http.get("/v1/knowledge/search", params={"q": "weather"})).json()["results"] == []
    assert_problem(await http.get("/v1/knowledge/search"), 422, "invalid-request")
    assert_problem(await http.get("/v1/knowledge/search", params={"q": "x" * 401}), 422, "invalid-request")


async def test_readiness_names_each_dependency(http: httpx.AsyncClient, platform: FakePlatform) -> None:
    assert (await http.get("/readyz")).json() == {
        "status": "ready",
        "dependencies": {"database": "ok", "knowledge": "ok"},
    }
    platform.states = {"database": "ok", "knowledge": "failed: OSError"}
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dependencies"]["knowledge"] == "failed: OSError"


async def test_a_demo_person_signs_in(http: httpx.AsyncClient) -> None:
    people = (await http.get("/dev/people")).json()
    assert people[0] == {
        "subject": ANNA.id,
        "name": ANNA.name,
        "role": "customer",
        "story": ANNA.story,
        "record_locator": ANNA.record_locator,
    }
    token = (await http.post("/dev/token", json={"subject": ANNA.id})).json()["access_token"]
    mine = await http.get("/v1/me/conversations", headers={"Authorization": f"Bearer {token}"})
    assert mine.status_code == 200
    assert_problem(await http.post("/dev/token", json={"subject": "nobody"}), 404, "not-found")


async def test_the_embedded_airlines_page_is_shown_but_not_its_services(
    http: httpx.AsyncClient, platform: FakePlatform
) -> None:
    assert (await http.get("/dev/airline")).text == "the airline at /"
    assert (await http.get("/sandbox/sandbox.css")).text == "the airline at /sandbox/sandbox.css"
    assert_problem(await http.get("/booking/v1/bookings/K7XQ2P"), 404, "not-found")
    assert_problem(await http.get("/dev/airline", headers={"Host": "attacker.example"}), 403, "forbidden")
    platform.sandbox = None
    assert_problem(await http.get("/dev/airline"), 404, "not-found")


async def test_the_development_sign_in_does_not_answer_under_another_name(http: httpx.AsyncClient) -> None:
    rebound = {"Host": "attacker.example"}
    assert_problem(await http.get("/dev/people", headers=rebound), 403, "forbidden")
    answer = await http.post("/dev/token", json={"subject": ANNA.id}, headers=rebound)
    assert_problem(answer, 403, "forbidden")


async def test_without_the_development_issuer_its_routes_do_not_exist(platform: FakePlatform, sign_in: SignIn) -> None:
    real = create_app(platform, SignIn(verifier=sign_in.verifier, development=None, client=sign_in.client))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(real), base_url="http://localhost") as client:
        for path in ("/dev/people", "/dev/login", "/dev/airline", "/sandbox/sandbox.css"):
            assert_problem(await client.get(path), 404, "not-found")


async def test_a_bad_bearer_is_refused_also_where_none_is_needed(http: httpx.AsyncClient) -> None:
    for path in ("/v1/policies/BAG-CABIN", "/v1/me/conversations"):
        answer = await http.get(path, headers={"Authorization": "Bearer a.b.c"})
        assert_problem(answer, 401, "sign-in-refused")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_two_authorization_headers_are_refused(http: httpx.AsyncClient) -> None:
    pair = [("Authorization", "Bearer a.b.c"), ("Authorization", f"Bearer {'x' * 43}")]
    assert_problem(await http.get("/v1/policies/BAG-CABIN", headers=pair), 401, "sign-in-needed")


async def test_a_silent_stream_is_kept_alive() -> None:
    gate = asyncio.Event()

    async def frames() -> AsyncGenerator[str, None]:
        yield "first"
        await gate.wait()
        yield "second"

    seen: list[str] = []
    async for burst in kept_alive(frames(), 0.001, asyncio.Event()):
        seen.append(burst.text)
        if len(seen) == 3:
            gate.set()
    assert seen[:3] == ["first", ": still here\n\n", ": still here\n\n"]
    assert seen[-1] == "second"


async def test_what_is_ready_together_leaves_together_and_a_failure_comes_after_it() -> None:
    async def frames() -> AsyncGenerator[str, None]:
        yield "one "
        yield "two "
        await asyncio.sleep(0)
        yield "three"
        raise LookupError

    seen: list[Burst] = []
    with suppress(LookupError):
        async for burst in kept_alive(frames(), 1.0):
            seen.append(burst)
        raise AssertionError("it did not fail")
    assert seen == [Burst("one two ", last=False), Burst("three", last=False)]


async def test_what_follows_closely_waits_for_more_or_for_the_end_which_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.routes.stream._APART", 60.0)

    async def frames() -> AsyncGenerator[str, None]:
        yield "one "
        for word in ("two ", "three ", "four"):
            await asyncio.sleep(0.001)
            yield word

    assert [burst async for burst in kept_alive(frames(), 1.0)] == [
        Burst("one ", last=False),
        Burst("two three four", last=True),
    ]


async def test_a_stream_that_is_stopped_while_more_is_ready_ends_once() -> None:
    async def frames() -> AsyncGenerator[str, None]:
        while True:
            yield "more"

    stop, lasts = asyncio.Event(), []
    async for burst in kept_alive(frames(), 1.0, stop):
        lasts.append(burst.last)
        stop.set()
        await asyncio.sleep(0.01)  # the reader is slow: as many frames as may wait are ready again
    assert lasts == [False, True]


async def test_a_stream_whose_reader_is_slow_and_leaves_is_closed() -> None:
    closed: list[bool] = []

    async def frames() -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "more"
        finally:
            closed.append(True)

    async with aclosing(kept_alive(frames(), 1.0)) as stream:
        async for _ in stream:
            break
    assert closed == [True]


async def test_sentences_arrive_one_by_one_and_a_client_that_leaves_stops_nothing(
    server: str, anna: dict[str, str], platform: FakePlatform
) -> None:
    gate = platform.concierge.gate = asyncio.Semaphore(1)
    async with httpx.AsyncClient(base_url=server, headers=anna) as client:
        path = await opened(client, anna)
        async with client.stream(
            "POST", f"{path}/messages", json=BAGS, headers={"Accept": "text/event-stream"}
        ) as answer:
            first = await anext(answer.aiter_text())
            assert first.startswith("event: tool\n")
            gate.release()
        assert len((await client.get(path)).json()["messages"]) == 2


async def test_a_conversation_is_followed_live_and_resumed(server: str, anna: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=server, headers=anna) as client:
        path = await opened(client, anna)
        async with client.stream("GET", f"{path}/events") as answer:
            lines = answer.aiter_lines()
            proposal = (await client.post(f"{path}/messages", json=CANCEL)).json()["proposals"][0]["id"]
            await _until(lines, "event: proposal")
            await client.post(f"/v1/proposals/{proposal}/decline")
            declined = await _until(lines, "event: proposal")
        last = int(re.findall(r"id: (\d+)", declined)[-1])
        async with client.stream("GET", f"{path}/events", headers={"Last-Event-ID": str(last - 1)}) as again:
            assert f"id: {last}" in await _until(again.aiter_lines(), "event: proposal")


async def test_a_followed_conversation_ends_when_the_server_stops(
    server: str, app: FastAPI, anna: dict[str, str]
) -> None:
    async with httpx.AsyncClient(base_url=server, headers=anna) as client:
        path = await opened(client, anna)
        async with client.stream("GET", f"{path}/events") as answer:
            app.state.stopping.set()
            assert await answer.aread() == b": still here\n\n"


async def _until(lines: AsyncIterator[str], wanted: str) -> str:
    seen = []
    async for line in lines:
        seen.append(line)
        if line == wanted:
            return "\n".join(seen)
    raise AssertionError(f"the stream ended without {wanted}")
