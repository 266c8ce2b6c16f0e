"""Staff over HTTP and the desk's WebSocket, over real parts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agent.bootstrap import Platform
from agent.store.pops import ScreenPop, add_pop
from tests.api.conftest import signed_in
from tests.api.test_conversations import assert_problem
from tools.sandbox.people import ADA, EMMA, Persona

ANNA, BEN, CARLA = "agent-anna", "agent-ben", "supervisor-carla"
PERSON = "I would like to talk to a person"


async def hand_over(client: httpx.AsyncClient, *said: str) -> tuple[str, str]:
    """Says that, asks for a person; the conversation's id and the case's."""
    opened = (await client.post("/v1/conversations", json={})).json()["id"]
    answer: dict[str, Any] = {}
    for text in (*said, PERSON):
        answer = (await client.post(f"/v1/conversations/{opened}/messages", json={"text": text})).json()
    return opened, answer["handoff"]["case_id"]


@asynccontextmanager
async def desk(address: str, client: httpx.AsyncClient, **more: object) -> AsyncIterator[ClientConnection]:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    async with connect(address.replace("http", "ws") + "/v1/desk", proxy=None) as socket:
        await socket.send(json.dumps({"token": token, **more}))
        assert json.loads(await socket.recv()) == {"type": "ready"}
        yield socket


async def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while (frame := json.loads(await socket.recv()))["type"] != kind:
            continue
    found: dict[str, Any] = frame
    return found


async def test_a_hand_off_reaches_the_desk_and_the_whole_case_can_be_read(address: str) -> None:
    async with signed_in(address, EMMA.customer_id) as emma, signed_in(address, ANNA) as anna:
        async with desk(address, anna) as socket:
            conversation, case_id = await hand_over(emma)
            news = await heard(socket, "case.created")
            assert news == {"type": "case.created", "case_id": case_id, "conversation_id": conversation}
        queue = (await anna.get("/v1/cases")).json()
        assert (case_id, "queued", None) in [(c["case_id"], c["status"], c["assignee"]) for c in queue]
        view = (await anna.get(f"/v1/cases/{case_id}")).json()
        assert view["transcript"][0]["text"] == PERSON
        assert view["customer"]["name"] == "Emma Novak"


async def test_one_takes_writes_and_closes_and_the_customer_reads_it_live(address: str) -> None:
    async with signed_in(address, EMMA.customer_id) as emma, signed_in(address, ANNA) as anna:
        conversation, case_id = await hand_over(emma)
        assert (await anna.post(f"/v1/cases/{case_id}/take")).json()["assignee"] == ANNA
        written = await anna.post(f"/v1/cases/{case_id}/messages", json={"text": "Hello, this is Anna."})
        assert written.status_code == 201
        seen = (await emma.get(f"/v1/conversations/{conversation}")).json()
        assert (seen["messages"][-1]["role"], seen["messages"][-1]["text"]) == ("agent", "Hello, this is Anna.")
        assert (await anna.get(f"/v1/conversations/{conversation}")).status_code == 200
        noted = await anna.post(f"/v1/cases/{case_id}/notes", json={"text": "Wants to be in Paris tonight."})
        assert noted.json()["text"] == "Wants to be in Paris tonight."
        assert "tonight" not in (await emma.get(f"/v1/conversations/{conversation}")).text
        assert (await anna.post(f"/v1/cases/{case_id}/close")).json()["status"] == "closed"
        assert case_id not in (await anna.get("/v1/cases")).text


async def test_of_two_at_once_one_has_the_case_and_the_other_is_told_by_whom(address: str) -> None:
    async with (
        signed_in(address, EMMA.customer_id) as emma,
        signed_in(address, ANNA) as anna,
        signed_in(address, BEN) as ben,
    ):
        _, case_id = await hand_over(emma)
        taken = await asyncio.gather(*[one.post(f"/v1/cases/{case_id}/take") for one in (anna, ben)])
        won, lost = sorted(taken, key=lambda answer: answer.status_code)
        assert won.status_code == 200
        assert_problem(lost, 409, "case-taken")
        assert won.json()["assignee"] in lost.json()["detail"]
        loser = ben if won.json()["assignee"] == ANNA else anna
        assert_problem(await loser.post(f"/v1/cases/{case_id}/messages", json={"text": "Me too"}), 403, "forbidden")
        made = (await loser.post("/v1/resolutions", json={"case_id": case_id})).json()
        path = f"/v1/resolutions/{made['id']}/options/{made['options'][0]['id']}/accept"
        assert_problem(await loser.post(path), 409, "case-taken")


async def test_an_option_with_an_edited_draft_becomes_a_card_that_the_customer_confirms(address: str) -> None:
    async with signed_in(address, EMMA.customer_id) as emma, signed_in(address, ANNA) as anna:
        conversation, case_id = await hand_over(emma)
        await anna.post(f"/v1/cases/{case_id}/take")
        made = await anna.post("/v1/resolutions", json={"case_id": case_id})
        assert made.status_code == 201
        body = made.json()
        first = body["options"][0]
        assert (body["situation"], first["action"], first["eligible"]) == ("cancelled", "rebook_disrupted", True)
        path = f"/v1/resolutions/{body['id']}/options/{first['id']}"
        edited = (await anna.post(f"{path}/edit", json={"reply": "Shall I put you on the next flight?"})).json()
        assert (edited["verdict"], edited["proposal"]["status"]) == ("edited", "pending")
        pid = edited["proposal"]["id"]
        assert_problem(await anna.post(f"/v1/proposals/{pid}/confirm"), 403, "forbidden")
        async with desk(address, anna) as socket:
            assert (await emma.post(f"/v1/proposals/{pid}/confirm")).json()["proposal"]["status"] == "executed"
            assert (await heard(socket, "case.updated"))["case_id"] == case_id
        seen = (await emma.get(f"/v1/conversations/{conversation}")).json()
        assert "Shall I put you on the next flight?" in [m["text"] for m in seen["messages"]]
        assert_problem(await anna.post(f"{path}/reject", json={"reason": "too late"}), 409, "proposal-gone")


async def test_on_the_callers_word_staff_confirm_in_their_own_case_only(address: str, real: Platform) -> None:
    async with signed_in(address, ANNA) as anna, signed_in(address, BEN) as ben:
        about = {"record_locator": EMMA.locator, "reason": "her flight was cancelled, she calls"}
        made = (await anna.post("/v1/resolutions", json=about)).json()
        await anna.post(f"/v1/cases/{made['case_id']}/take")
        option = made["options"][0]
        assert option["confirmed_by"] == "staff"
        accepted = await anna.post(f"/v1/resolutions/{made['id']}/options/{option['id']}/accept")
        assert accepted.json()["proposal"]["status"] == "executed"
        pid = accepted.json()["proposal"]["id"]
        assert_problem(await ben.post(f"/v1/proposals/{pid}/confirm"), 403, "forbidden")


async def test_what_does_not_exist_and_who_may_not_are_told_as_problems(address: str) -> None:
    async with signed_in(address, ADA.customer_id) as ada, signed_in(address, ANNA) as anna:
        assert_problem(await ada.get("/v1/cases"), 403, "forbidden")
        assert_problem(await ada.post("/v1/resolutions", json={"case_id": "CS1"}), 403, "forbidden")
        assert_problem(await anna.get("/v1/cases/CS0"), 404, "unknown-case")
        assert_problem(await anna.post("/v1/resolutions", json={"case_id": "CS0"}), 404, "unknown-case")
        assert_problem(await anna.post("/v1/resolutions", json={}), 422, "invalid-request")
        assert_problem(await anna.post("/v1/resolutions/r_0/options/1-x/accept"), 404, "unknown-option")
        assert_problem(await anna.post("/v1/resolutions/r_0/options/1-x/reject", json={}), 422, "invalid-request")
        assert_problem(await anna.post("/v1/proposals/p_0/approve", json={"reason": "fine"}), 404, "unknown-proposal")
    async with httpx.AsyncClient(base_url=address) as nobody:
        assert_problem(await nobody.get("/v1/cases"), 401, "sign-in-needed")


async def pop_up(real: Platform, call: str, agent: str, persona: Persona) -> None:
    body = {"call_id": call, "verified": False, "caller": "••• 05", "matches": 1, "customer": "E••• N•••"}
    pop = ScreenPop(
        call_id=call,
        agent=agent,
        customer_id=persona.customer_id,
        body={**body, "language": "en", "cases": []},
        at=datetime.now(UTC),
    )
    async with real.stores.database.writing() as connection:
        await add_pop(connection, pop)


async def test_a_call_pops_up_with_its_agent_and_a_missed_one_after_the_connection_is_back(
    address: str, real: Platform
) -> None:
    async with signed_in(address, ANNA) as anna:
        async with desk(address, anna) as socket:
            await pop_up(real, "call-1", ANNA, EMMA)
            await pop_up(real, "call-2", BEN, EMMA)
            first = await heard(socket, "screen_pop")
            assert (first["call_id"], first["customer"]) == ("call-1", "E••• N•••")
            assert EMMA.surname not in json.dumps(first)
        await pop_up(real, "call-3", ANNA, EMMA)
        async with desk(address, anna, after=first["id"]) as socket:
            assert (await heard(socket, "screen_pop"))["call_id"] == "call-3"


@pytest.mark.parametrize("first", ["", "{}", '{"token": "nonsense"}', "customer"])
async def test_a_socket_that_does_not_prove_itself_is_closed(address: str, first: str) -> None:
    async with signed_in(address, ADA.customer_id) as ada:
        if first == "customer":
            first = json.dumps({"token": ada.headers["Authorization"].removeprefix("Bearer ")})
        async with connect(address.replace("http", "ws") + "/v1/desk", proxy=None) as socket:
            await socket.send(first)
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401


async def test_a_page_from_elsewhere_gets_no_socket(address: str) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(address.replace("http", "ws") + "/v1/desk", origin="https://evil.example", proxy=None):  # type: ignore[arg-type]
            pass
