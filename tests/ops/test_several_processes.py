"""Four server processes over one PostgreSQL, one killed again and again, the database restarted in mid-load: every
message is answered once, in its order."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from agent.store.audit import AuditTrail
from agent.store.database import Database
from agent.store.tables import processes, turns
from tests.ops.serving import serving
from tests.postgres import PostgresServer, running_postgres
from tests.soak.figures import keep_figures

QUESTIONS = ("How many cabin bags may I take?", "What is a no-show?", "May I bring my dog?", "hello", "Thank you")
SECONDS = float(os.environ.get("SOAK_LOAD_SECONDS", "120"))
CONVERSATIONS = 64
WORKERS = 4
EVERY = 10.0
"""Seconds from one killed process to the next."""
LONGEST = 1200.0
_PATIENCE = 300.0
"""So long a client asks again for one answer."""


async def insist(http: httpx.AsyncClient, method: str, path: str, **request: Any) -> httpx.Response:
    """As a client does that wants its answer: the same request again, whatever happened to the one before."""
    until = time.monotonic() + _PATIENCE
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


@dataclass
class Visitor:
    """One anonymous conversation, and what is wrong with it in the end."""

    http: httpx.AsyncClient
    chance: random.Random
    said: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    async def talk(self, done: asyncio.Event) -> None:
        opened = (await insist(self.http, "POST", "/v1/conversations")).json()
        self.path = f"/v1/conversations/{opened['id']}"
        self.bearer = {"Authorization": f"Bearer {opened['secret']}"}
        while not (done.is_set() or self.wrong):
            one, other = self._next(), self._next()
            manner = self.chance.random()
            if manner < 0.1:  # two messages at once: whichever came first is answered first
                await asyncio.gather(self._say(one), self._say(other))
                continue
            if manner < 0.2:  # a double click
                await asyncio.gather(self._say(one), self._say(one))
            else:
                await self._say(one)
            self.said.remove(other)
        await self._look()

    def _next(self) -> str:
        self.said.append(f"{self.chance.choice(QUESTIONS)} ({len(self.said)})")
        return self.said[-1]

    async def _say(self, text: str) -> None:
        headers = {**self.bearer, "Idempotency-Key": "k" + text.rpartition(" ")[2]}
        began = time.monotonic()
        told = await insist(self.http, "POST", f"{self.path}/messages", json={"text": text}, headers=headers)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if told.status_code != 200:
            self.wrong.append(f"{told.status_code}: {told.text[:200]}")
            return
        answer = told.json()["message"]["id"]
        if self.answers.setdefault(text, answer) != answer:
            self.wrong.append(f"two answers to {text}")

    async def _look(self) -> None:
        seen = (await insist(self.http, "GET", self.path, headers=self.bearer)).json()["messages"]
        asked = [m["text"] for m in seen if m["role"] == "customer"]
        if Counter(asked) != Counter(self.said):
            self.wrong.append("messages lost or doubled")
        elif [m["id"] for m in seen if m["role"] == "assistant"] != [self.answers[text] for text in asked]:
            self.wrong.append("answers lost, doubled or out of order")


@dataclass
class Disturbance:
    server: PostgresServer
    database: Database
    kills: int = 0
    restarts: int = 0

    async def go_on(self, done: asyncio.Event) -> None:
        """A process killed every few seconds, the database restarted half way; done after the time, and on a slow
        machine not before half of the kills."""
        began = time.monotonic()
        while (passed := time.monotonic() - began) < SECONDS or self.kills < SECONDS / EVERY / 2:
            await asyncio.sleep(EVERY)
            if not self.restarts and passed >= SECONDS / 2:
                await asyncio.to_thread(self.server.restart)
                self.restarts += 1
            await self._kill()
        done.set()

    async def _kill(self) -> None:
        running = await self.running()
        if len(running) > 1:  # somebody must be left while another one starts
            os.kill(random.choice(running), signal.SIGKILL)  # noqa: S311
            self.kills += 1

    async def running(self) -> list[int]:
        async with self.database.reading() as connection:
            known = [row.pid for row in await connection.execute(select(processes.c.pid))]
        return [pid for pid in known if Path(f"/proc/{pid}").exists()]  # noqa: ASYNC240 - no file

    async def all_run(self) -> None:
        while True:
            if len(await self.running()) == WORKERS:
                return
            await asyncio.sleep(0.5)


@pytest.mark.soak
async def test_no_turn_is_lost_or_answered_twice(tmp_path: Path) -> None:
    unlimited = {"rate_address": "1000000", "rate_conversation": "1000000"}
    home = tmp_path / "home"
    with running_postgres(durable=True) as server:
        url = server.new_database()
        database = Database(url)
        settings = {"database_url": url, "event_loops": "false", **unlimited}
        async with serving(home, "--workers", str(WORKERS), **settings) as served:
            limits = httpx.Limits(max_connections=2 * CONVERSATIONS)
            async with httpx.AsyncClient(base_url=served.address, timeout=60, limits=limits, trust_env=False) as http:
                await insist(http, "GET", "/readyz")
                visitors = [Visitor(http, random.Random(number)) for number in range(CONVERSATIONS)]  # noqa: S311
                disturbance = Disturbance(server, database)
                await disturbance.all_run()
                done, began = asyncio.Event(), time.monotonic()
                async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as group:
                    for visitor in visitors:
                        group.create_task(visitor.talk(done))
                    await disturbance.go_on(done)
                seconds = time.monotonic() - began
        async with database.reading() as connection:
            kept = (await connection.execute(select(func.count(), func.count(turns.c.answer)).select_from(turns))).one()
        verified = await AuditTrail(database, home=home).verify()
        await database.close()
    said = sum(len(visitor.said) for visitor in visitors)
    keep_figures(
        "several-processes",
        {
            "processes": WORKERS,
            "conversations": CONVERSATIONS,
            "seconds_of_load": round(seconds),
            "turns": said,
            "processes_killed": disturbance.kills,
            "database_restarts": disturbance.restarts,
            "slowest_answer_seconds": round(max(visitor.slowest for visitor in visitors), 1),
            "audit_records": verified.records,
        },
    )
    assert [visitor.wrong for visitor in visitors if visitor.wrong] == []
    assert tuple(kept) == (said, said), "in the database: turns, and those with an answer"
    assert verified.findings == ()
    assert disturbance.restarts == 1
