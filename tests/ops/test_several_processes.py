"""Four server processes over one PostgreSQL, one killed again and again, the database restarted once: every message is
answered once, in its order."""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from agent.store.database import Database
from agent.store.tables import processes, turns
from tests.postgres import PostgresServer, running_postgres

ROOT = Path(__file__).parents[2]
QUESTIONS = ("How many cabin bags may I take?", "What is a no-show?", "May I bring my dog?", "hello", "Thank you")


@asynccontextmanager
async def served(home: Path, database_url: str, workers: int) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "CONCIERGE_HOME": str(home),
        "CONCIERGE_DATABASE_URL": database_url,
        "CONCIERGE_SANDBOX_SIZE": "demo",
        "CONCIERGE_RATE_ADDRESS": "1000000",
        "CONCIERGE_RATE_CONVERSATION": "1000000",
        "CONCIERGE_EVENT_LOOPS": "false",
    }
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--workers", str(workers)]
    code = f"import sys; sys.argv = {command[2:]!r}; from api.cli import main; main()"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, env=environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert await process.wait() == 0


async def insist(http: httpx.AsyncClient, method: str, path: str, *, until: float, **request: Any) -> httpx.Response:
    """As a client does that wants its answer: the same request again, whatever happened to the one before."""
    while time.monotonic() < until:
        try:
            answer = await http.request(method, path, **request)
        except httpx.TransportError:
            await asyncio.sleep(0.2)
            continue
        if answer.status_code < 500:
            return answer
        await asyncio.sleep(0.2)
    raise AssertionError(f"{method} {path} had no answer in time")


async def talk(http: httpx.AsyncClient, messages: int, until: float) -> list[str]:
    """One anonymous conversation; -> what is wrong with it in the end."""
    opened = (await insist(http, "POST", "/v1/conversations", until=until)).json()
    path, bearer = f"/v1/conversations/{opened['id']}", {"Authorization": f"Bearer {opened['secret']}"}
    said = [f"{random.choice(QUESTIONS)} ({number})" for number in range(messages)]  # noqa: S311
    answers: list[str] = []
    for number, text in enumerate(said):
        headers = {**bearer, "Idempotency-Key": f"k{number}"}
        told = await insist(http, "POST", f"{path}/messages", until=until, json={"text": text}, headers=headers)
        if told.status_code != 200:
            return [f"{told.status_code}: {told.text[:200]}"]
        answers.append(told.json()["message"]["id"])
    seen = (await insist(http, "GET", path, until=until, headers=bearer)).json()["messages"]
    wrong = []
    if [m["text"] for m in seen if m["role"] == "customer"] != said:
        wrong.append("messages lost, doubled or out of order")
    if [m["id"] for m in seen if m["role"] == "assistant"] != answers:
        wrong.append("answers lost, doubled or out of order")
    if [m["role"] for m in seen] != ["customer", "assistant"] * messages:
        wrong.append(f"roles: {Counter(m['role'] for m in seen)}")
    return wrong


async def disturb(server: PostgresServer, database: Database, every: float, restart_at: int | None) -> None:
    for round_ in range(1, 1000):
        await asyncio.sleep(every)
        if round_ == restart_at:
            await asyncio.to_thread(server.restart)
            continue
        async with database.reading() as connection:
            living = [row.pid for row in await connection.execute(select(processes.c.pid))]
        running = [pid for pid in living if Path(f"/proc/{pid}").exists()]  # noqa: ASYNC240 - no file
        if len(running) > 2:  # somebody must be left while another one starts
            os.kill(random.choice(running), signal.SIGKILL)  # noqa: S311


@pytest.mark.soak
@pytest.mark.parametrize(("conversations", "messages", "every"), [(64, 8, 10.0)])
async def test_no_turn_is_lost_or_answered_twice(
    tmp_path: Path, conversations: int, messages: int, every: float
) -> None:
    with running_postgres(durable=True) as server:
        url = server.new_database()
        database = Database(url)
        async with served(tmp_path / "home", url, 4) as address:
            until = time.monotonic() + 900
            limits = httpx.Limits(max_connections=conversations)
            async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits, trust_env=False) as http:
                await insist(http, "GET", "/readyz", until=until)
                disturbing = asyncio.create_task(disturb(server, database, every, restart_at=3))
                wrong = await asyncio.gather(*(talk(http, messages, until) for _ in range(conversations)))
                disturbing.cancel()
                async with database.reading() as connection:
                    owed = (await connection.execute(select(turns.c.id).where(turns.c.answer.is_(None)))).all()
        await database.close()
    assert [each for each in wrong if each] == []
    assert owed == []
