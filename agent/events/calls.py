"""Somebody calls: who it seems to be is put on the screen of the agent the call is routed to.

The number is a hint and proves nothing, so the pop says unverified and shows no more than initials.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agent.events.finishing import SYSTEM, Done, Outcome
from agent.store.effects import Effect
from agent.store.pops import ScreenPop, add_pop
from tools.domain.records import Case, Profile
from tools.ports import Services


class Calls:
    """kind pop: one call."""

    def __init__(self, *, services: Services, clock: Callable[[], datetime]) -> None:
        self._services = services
        self._clock = clock

    async def __call__(self, effect: Effect) -> Outcome:
        call: dict[str, Any] = dict(effect.body)
        found = await self._services.profile.find_by_phone(call["phone"])
        caller = found[0] if len(found) == 1 else None
        cases = await self._services.cases.list_for(caller.customer_id, subject=SYSTEM) if caller else ()
        pop = ScreenPop(
            call_id=call["call_id"],
            agent=call["agent"],
            customer_id=caller.customer_id if caller else None,
            body=_shown(call, found, cases),
            at=self._clock(),
        )

        async def keep(connection: AsyncConnection) -> None:
            await add_pop(connection, pop)

        return Done(result={"matches": len(found)}, also=keep)


def _shown(call: dict[str, Any], found: tuple[Profile, ...], cases: tuple[Case, ...]) -> dict[str, object]:
    """matches: how many customers have that number; more than one is nobody in particular."""
    return {
        "call_id": call["call_id"],
        "verified": False,
        "caller": masked_phone(call["phone"]),
        "matches": len(found),
        "customer": masked_name(found[0]) if len(found) == 1 else None,
        "language": found[0].language if len(found) == 1 else None,
        "cases": [case.case_id for case in cases if case.status != "closed"],
    }


def masked_name(profile: Profile) -> str:
    return f"{profile.given_name[:1]}••• {profile.surname[:1]}•••"


def masked_phone(phone: str) -> str:
    return f"••• {phone[-2:]}"
