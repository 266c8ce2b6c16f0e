"""The HTTP contract of conversations and proposals, over a small Concierge in memory."""

import json
from typing import Any

import httpx
import pytest

from tests.api.fake import DOWN, FakePlatform

BAGS = {"text": "How many cabin bags may I take?"}
CANCEL = {"text": "Please cancel my booking"}


async def opened(http: httpx.AsyncClient, headers: dict[str, str]) -> str:
    answer = await http.post("/v1/conversations", json={}, headers=headers)
    assert answer.status_code == 201
    return f"/v1/conversations/{answer.json()['id']}"


def events_of(stream: str) -> list[tuple[str, Any]]:
    frames = [frame.splitlines() for frame in stream.split("\n\n") if frame.startswith(("event:", "id:"))]
    fields = [dict(line.split(": ", 1) for line in frame) for frame in frames]
    return [(found["event"], json.loads(found["data"])) for found in fields]


def assert_problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:concierge:problem:{kind}"
    assert body["status"] == status
    assert body["correlation_id"] == answer.headers["traceparent"].split("-")[1]
    assert body["detail"][0].isupper()
    assert body["detail"].endswith((".", "?"))
    return body


async def test_a_signed_in_person_opens_a_conversation_without_a_secret(
    http: httpx.AsyncClient, anna: dict[str, str]
) -> None:
    answer = await http.post("/v1/conversations", json={}, headers=anna)
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "status"}
    assert answer.headers["location"] == f"/v1/conversations/{answer.json()['id']}"


async def test_an_anonymous_person_speaks_with_the_conversation_secret_only(http: httpx.AsyncClient) -> None:
    made = (await http.post("/v1/conversations")).json()
    path = f"/v1/conversations/{made['id']}"
    assert_problem(await http.get(path), 404, "unknown-conversation")
    assert_problem(await http.get(path, headers={"Authorization": f"Bearer {'x' * 43}"}), 404, "unknown-conversation")
    own = {"Authorization": f"Bearer {made['secret']}"}
    assert (await http.post(f"{path}/messages", json=BAGS, headers=own)).status_code == 200


async def test_claiming_binds_the_conversation_to_the_person_and_voids_the_secret(
    http: httpx.AsyncClient, anna: dict[str, str]
) -> None:
    made = (await http.post("/v1/conversations", json={})).json()
    path, secret = f"/v1/conversations/{made['id']}", {"secret": made["secret"]}
    assert_problem(await http.post(f"{path}/claim", json=secret), 401, "sign-in-needed")
    assert (await http.post(f"{path}/claim", json=secret, headers=anna)).json()["id"] == made["id"]
    stale = {"Authorization": f"Bearer {made['secret']}"}
    assert_problem(await http.get(path, headers=stale), 404, "unknown-conversation")
    assert (await http.get(path, headers=anna)).status_code == 200


async def test_someone_elses_conversation_looks_like_an_unknown_one(
    http: httpx.AsyncClient, anna: dict[str, str], ben: dict[str, str]
) -> None:
    path = await opened(http, anna)
    foreign = assert_problem(await http.get(path, headers=ben), 404, "unknown-conversation")
    unknown = assert_problem(await http.get("/v1/conversations/nope", headers=ben), 404, "unknown-conversation")
    assert foreign["detail"] == unknown["detail"]


async def test_a_message_is_answered_as_json_with_its_citation(http: httpx.AsyncClient, anna: dict[str, str]) -> None:
    path = await opened(http, anna)
    body = (await http.post(f"{path}/messages", json=BAGS, headers=anna)).json()
    assert body["message"]["role"] == "assistant"
    assert body["message"]["citations"] == [{"clause_id": "BAG-CABIN", "version": 2, "title": "Cabin baggage"}]
    assert body["outcome"]["kind"] == "answered"
    transcript = (await http.get(path, headers=anna)).json()
    assert [m["role"] for m in transcript["messages"]] == ["customer", "assistant"]


async def test_a_message_is_streamed_when_asked_for(http: httpx.AsyncClient, anna: dict[str, str]) -> None:
    path = await opened(http, anna)
    answer = await http.post(f"{path}/messages", json=CANCEL, headers=anna | {"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    assert [name for name, _ in events] == ["tool", "sentence", "proposal", "done"]
    assert events[0][1] == {"name": "cancel_booking", "outcome": "proposed"}
    assert events[2][1]["amounts"][0] == {"name": "refund", "minor": 24990, "currency": "EUR"}
    assert events[3][1]["answer"]["proposals"][0]["id"] == events[2][1]["id"]


async def test_the_same_idempotency_key_gives_the_first_answer_again(
    http: httpx.AsyncClient, anna: dict[str, str]
) -> None:
    path, headers = f"{await opened(http, anna)}/messages", anna | {"Idempotency-Key": "k-1"}
    first = await http.post(path, json=BAGS, headers=headers)
    again = await http.post(path, json=BAGS, headers=headers)
    assert first.json() == again.json()
    assert_problem(await http.post(path, json=CANCEL, headers=headers), 422, "idempotency-key-reused")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "schl\u00fcssel".encode().decode("latin-1")])
async def test_an_unusable_idempotency_key_is_refused(http: httpx.AsyncClient, anna: dict[str, str], key: str) -> None:
    path = f"{await opened(http, anna)}/messages"
    headers = [*anna.items(), ("Idempotency-Key", key)]
    answer = await http.post(path, json=BAGS, headers=[(k.encode(), v.encode("latin-1")) for k, v in headers])
    assert_problem(answer, 422, "invalid-request")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"text": ""}, "A message needs some text."),
        ({"text": " \n\t "}, "A message needs some text."),
        ({"text": "x" * 4001}, "A message has at most 4,000 characters; this one has 4,001."),
        ({"text": "a\x00b"}, "The text contains control characters, which cannot be read."),
        ({"text": "a\x1b[31m"}, "The text contains control characters, which cannot be read."),
        ({}, "The value of 'text' is not accepted: field required."),
        ({"text": 5}, "The value of 'text' is not accepted: input should be a valid string."),
        ({"text": None}, "The value of 'text' is not accepted: input should be a valid string."),
        (
            {"text": "hello", "customer_id": "C000002"},
            "The value of 'customer_id' is not accepted: extra inputs are not permitted.",
        ),
        (
            [],
            "The value of 'body' is not accepted: input should be a valid dictionary or object to extract fields from.",
        ),
    ],
)
async def test_a_message_that_cannot_be_read_is_refused_in_words(
    http: httpx.AsyncClient, anna: dict[str, str], platform: FakePlatform, body: object, detail: str
) -> None:
    path = await opened(http, anna)
    answer = await http.post(f"{path}/messages", json=body, headers=anna)
    assert answer.status_code == 422
    assert answer.json()["detail"] == detail
    assert (await http.get(path, headers=anna)).json()["messages"] == []


async def test_half_of_a_surrogate_pair_is_no_text(http: httpx.AsyncClient, anna: dict[str, str]) -> None:
    path = await opened(http, anna)
    headers = anna | {"Content-Type": "application/json"}
    answer = await http.post(f"{path}/messages", content=rb'{"text": "\ud83d"}', headers=headers)
    assert_problem(answer, 422, "invalid-request")


async def test_four_thousand_characters_of_any_script_are_accepted(
    http: httpx.AsyncClient, anna: dict[str, str]
) -> None:
    path = await opened(http, anna)
    escaped = json.dumps({"text": "\U0001f6eb" * 4000}).encode()
    headers = anna | {"Content-Type": "application/json"}
    assert (await http.post(f"{path}/messages", content=escaped, headers=headers)).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b'{"text": ', b"\xff\xfe", b"[" * 5000])
async def test_a_body_that_is_no_json_is_refused(http: httpx.AsyncClient, anna: dict[str, str], body: bytes) -> None:
    path = await opened(http, anna)
    headers = anna | {"Content-Type": "application/json"}
    answer = await http.post(f"{path}/messages", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_huge_body_is_refused_before_it_is_read(http: httpx.AsyncClient, anna: dict[str, str]) -> None:
    path = await opened(http, anna)
    answer = await http.post(f"{path}/messages", json={"text": "x" * 100_000}, headers=anna)
    assert_problem(answer, 413, "too-large")


async def test_a_fault_of_a_service_is_told_without_its_name(
    http: httpx.AsyncClient, anna: dict[str, str], platform: FakePlatform
) -> None:
    path = await opened(http, anna)
    platform.concierge.fault = DOWN
    answer = await http.post(f"{path}/messages", json=BAGS, headers=anna)
    assert "booking" not in assert_problem(answer, 503, "unavailable")["detail"]
    assert answer.headers["retry-after"] == "30"


async def test_a_bug_becomes_a_problem_document_with_the_correlation_id(
    http: httpx.AsyncClient, anna: dict[str, str], platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    path = await opened(http, anna)
    platform.concierge.fault = KeyError("surname Okonkwo")
    answer = await http.post(f"{path}/messages", json=BAGS, headers=anna)
    assert "Okonkwo" not in assert_problem(answer, 500, "internal")["detail"]
    assert len(caplog.records) == 1


async def test_confirming_five_times_at_once_executes_once_and_answers_alike(
    http: httpx.AsyncClient, anna: dict[str, str], platform: FakePlatform
) -> None:
    path = await opened(http, anna)
    proposal = (await http.post(f"{path}/messages", json=CANCEL, headers=anna)).json()["proposals"][0]["id"]
    answers = [await http.post(f"/v1/proposals/{proposal}/confirm", headers=anna) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert platform.concierge.executed == [proposal]


async def test_a_declined_proposal_cannot_be_confirmed_and_the_new_one_comes_along(
    http: httpx.AsyncClient, anna: dict[str, str], platform: FakePlatform
) -> None:
    path = await opened(http, anna)
    proposal = (await http.post(f"{path}/messages", json=CANCEL, headers=anna)).json()["proposals"][0]["id"]
    declined = await http.post(f"/v1/proposals/{proposal}/decline", headers=anna)
    assert declined.json()["status"] == "declined"
    gone = assert_problem(await http.post(f"/v1/proposals/{proposal}/confirm", headers=anna), 409, "proposal-gone")
    assert gone["proposal"]["status"] == "pending"
    assert platform.concierge.executed == []


async def test_someone_elses_proposal_is_unknown(
    http: httpx.AsyncClient, anna: dict[str, str], ben: dict[str, str]
) -> None:
    path = await opened(http, anna)
    proposal = (await http.post(f"{path}/messages", json=CANCEL, headers=anna)).json()["proposals"][0]["id"]
    assert_problem(await http.post(f"/v1/proposals/{proposal}/confirm", headers=ben), 404, "unknown-proposal")
    assert_problem(await http.post("/v1/proposals/nope/decline", headers=ben), 404, "unknown-proposal")


async def test_my_conversations_are_listed_for_me_alone(
    http: httpx.AsyncClient, anna: dict[str, str], ben: dict[str, str]
) -> None:
    await opened(http, anna)
    assert len((await http.get("/v1/me/conversations", headers=anna)).json()) == 1
    assert (await http.get("/v1/me/conversations", headers=ben)).json() == []
    assert_problem(await http.get("/v1/me/conversations"), 401, "sign-in-needed")


async def test_feedback_is_kept(http: httpx.AsyncClient, anna: dict[str, str], platform: FakePlatform) -> None:
    path = await opened(http, anna)
    message = (await http.post(f"{path}/messages", json=BAGS, headers=anna)).json()["message"]["id"]
    url = f"{path}/messages/{message}/feedback"
    assert (await http.post(url, json={"rating": "up", "comment": "clear"}, headers=anna)).status_code == 204
    assert platform.concierge.rated == [(message, "up", "clear")]
    assert_problem(await http.post(url, json={"rating": "five"}, headers=anna), 422, "invalid-request")


@pytest.mark.parametrize("last", ["-1", "x", "1.5", "9" * 30])
async def test_an_unreadable_last_event_id_is_refused(http: httpx.AsyncClient, anna: dict[str, str], last: str) -> None:
    path = await opened(http, anna)
    answer = await http.get(f"{path}/events", headers=anna | {"Last-Event-ID": last})
    assert_problem(answer, 422, "invalid-request")


async def test_a_stranger_cannot_follow_a_conversation(
    http: httpx.AsyncClient, anna: dict[str, str], ben: dict[str, str]
) -> None:
    path = await opened(http, anna)
    assert_problem(await http.get(f"{path}/events", headers=ben), 404, "unknown-conversation")
