"""Each dependency by name: whether it works. A degraded one is made up for; a failed one stops us."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date

from agent.ladder import Ladder
from knowledge.search import KnowledgeBase

Check = Callable[[], Awaitable[None]]
_PATIENCE = 2.0


class Degraded(Exception):
    """In words what is done without."""


async def ask_all(checks: Mapping[str, Check]) -> Mapping[str, str]:
    """'ok', 'degraded: ...' or 'failed: ...', all asked at once."""
    async with asyncio.TaskGroup() as group:
        asked = {name: group.create_task(_ask(check)) for name, check in checks.items()}
    return {name: task.result() for name, task in asked.items()}


def knowledge_check(knowledge: KnowledgeBase, today: Callable[[], date]) -> Check:
    async def check() -> None:
        found = await asyncio.to_thread(knowledge.search, "cabin bag", on=today(), audience="customer", limit=1)
        if found.degraded:
            raise Degraded("the index cannot be reached; words alone are compared")

    return check


def model_check(ladder: Ladder) -> Check:
    async def check() -> None:
        resting = [f"{name} ({breaker.reason})" for name, breaker in ladder.breakers.items() if breaker.is_open]
        if resting:
            raise Degraded(f"resting: {', '.join(resting)}; the next model answers")

    return check


def services_check(resting: Callable[[], Sequence[str]]) -> Check:
    async def check() -> None:
        if names := resting():
            raise Degraded(f"not answering: {', '.join(names)}")

    return check


async def _ask(check: Check) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            await check()
    except Degraded as why:
        return f"degraded: {why}"
    except Exception as error:  # noqa: BLE001 a health report names every failure
        return f"failed: {type(error).__name__}"
    return "ok"
