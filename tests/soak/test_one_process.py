"""Ten thousand turns through one server process: it holds no more memory, descriptors or tasks at the end than after
the first two thousand."""

import asyncio
import itertools
import os
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.ops.serving import ready, serving
from tests.soak.figures import keep_figures
from tools.sandbox.people import PERSONAS

TURNS = int(os.environ.get("SOAK_TURNS", "10000"))
WARM = TURNS // 5
AT_ONCE = 16
WORDS = (
    "How many cabin bags may I take?",
    "May I bring my dog?",
    "What is the status of flight GM 210 today?",
    "My flight is late by five hours, what am I owed?",
    "Is there a flight from Vienna to Barcelona tomorrow?",
    "Show me my bookings",
    "Please cancel my booking",
    "no",
    "I want to change my e-mail address",
    "Stop sending me marketing by e-mail",
    "I do not understand",
    "Thank you",
)
UNLIMITED = {f"rate_{name}": "1000000" for name in ("address", "person", "conversation")}


@dataclass(frozen=True)
class Held:
    """What the process held when nobody asked it anything."""

    turns: int
    megabytes: float
    descriptors: int
    tasks: int


@dataclass
class Load:
    http: httpx.AsyncClient
    chance: random.Random = field(default_factory=lambda: random.Random(11))  # noqa: S311 - a story, no secret
    turns: int = 0
    failures: list[str] = field(default_factory=list)

    async def until(self, turns: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._visit(turns))

    async def _visit(self, turns: int) -> None:
        while self.turns < turns and not self.failures:
            headers = await self._sign_in() if self.chance.random() < 0.5 else {}
            opened = (await self.http.post("/v1/conversations", headers=headers)).json()
            headers = headers or {"Authorization": f"Bearer {opened['secret']}"}
            await self._talk(f"/v1/conversations/{opened['id']}", headers, turns)

    async def _sign_in(self) -> dict[str, str]:
        subject = str(self.chance.choice(PERSONAS).customer_id)
        token = (await self.http.post("/dev/token", json={"subject": subject})).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    async def _talk(self, path: str, headers: dict[str, str], turns: int) -> None:
        for number in range(self.chance.randint(4, 16)):
            if self.turns >= turns or self.failures:
                return
            self.turns += 1
            if number == 2:
                await self._follow(path, headers)
            await self._say(path, headers, self.chance.choice(WORDS))
        await self.http.get(path, headers=headers)

    async def _say(self, path: str, headers: dict[str, str], text: str) -> None:
        streamed = {"Accept": "text/event-stream"} if self.chance.random() < 0.3 else {}
        told = await self.http.post(f"{path}/messages", json={"text": text}, headers={**headers, **streamed})
        if told.status_code != 200 or (streamed and "event: done" not in told.text):
            self.failures.append(f"{told.status_code} to {text}: {told.text[:200]}")

    async def _follow(self, path: str, headers: dict[str, str]) -> None:
        """Listens for a moment and leaves without a word."""
        async with self.http.stream("GET", f"{path}/events", headers=headers) as stream:
            async for _ in stream.aiter_bytes():
                return


async def held(http: httpx.AsyncClient, turns: int) -> Held:
    """As soon as descriptors and tasks stay the same for a second."""
    before: Held | None = None
    for _ in itertools.repeat(None, 60):
        await asyncio.sleep(1)
        shown = (await http.get("/metrics")).text
        now = Held(
            turns,
            round(_gauge(shown, "process_resident_memory_bytes") / 2**20, 1),
            int(_gauge(shown, "process_open_fds")),
            int(_gauge(shown, "concierge_tasks")),
        )
        if before is not None and (before.descriptors, before.tasks) == (now.descriptors, now.tasks):
            return now
        before = now
    raise AssertionError("it does not come to rest")


def _gauge(shown: str, name: str) -> float:
    found = re.search(rf"^{name}\{{[^}}]*\}} (\S+)$", shown, re.MULTILINE)
    assert found is not None, name
    return float(found[1])


async def loaded(address: str, start: int, turns: int) -> Held:
    """With clients of its own, so that what is held afterwards is the server's."""
    async with httpx.AsyncClient(base_url=address, timeout=120, trust_env=False) as http:
        load = Load(http, turns=start)
        await load.until(turns)
        assert load.failures == []
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as http:
        return await held(http, turns)


@pytest.mark.soak
async def test_memory_descriptors_and_tasks_stay_where_they_were(tmp_path: Path) -> None:
    steps = [WARM * number for number in range(6)]
    began = time.monotonic()
    async with serving(tmp_path / "home", event_loops="true", **UNLIMITED) as server:
        async with httpx.AsyncClient(base_url=server.address, trust_env=False) as http:
            await ready(http)
        found = [await loaded(server.address, start, end) for start, end in itertools.pairwise(steps)]
    keep_figures(
        "one-process", {"seconds": round(time.monotonic() - began), "rest_after": [vars(each) for each in found]}
    )
    warm, last = found[0], found[-1]
    assert last.megabytes <= warm.megabytes * 1.1
    assert last.descriptors <= warm.descriptors
    assert last.tasks <= warm.tasks
