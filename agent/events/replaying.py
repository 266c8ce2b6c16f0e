"""Dead letters back to work, each once: through the same intake, the same outbox, the same worker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.events.cloudevents import Unreadable, read_event
from agent.events.intake import LOCAL, Arrival, Intake
from agent.events.schemas import read_data
from agent.store.database import Database
from agent.store.dead_letters import DeadLetters, KeptLetter, mark_replayed
from agent.store.effects import revive
from agent.store.tables import outbox


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """By the letters' ids. still_dead: what is wrong has not been mended."""

    done: tuple[int, ...]
    still_dead: tuple[int, ...]


class Replaying:
    def __init__(self, *, database: Database, intake: Intake, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._intake = intake
        self._clock = clock
        self._letters = DeadLetters(database)

    async def replay(self, *, ids: Sequence[int] = (), reason: str | None = None) -> Replayed:
        """Oldest first. An event that came again meanwhile is known to the inbox and does nothing."""
        done: list[int] = []
        still_dead: list[int] = []
        for letter in await self._letters.open(ids=ids, reason=reason):
            (done if await self._replay(letter) else still_dead).append(letter.id)
        return Replayed(done=tuple(done), still_dead=tuple(still_dead))

    async def _replay(self, letter: KeptLetter) -> bool:
        if letter.origin == "effect":
            return await self._revive(letter)
        if letter.origin == "out":
            return await self._send_again(letter)
        return await self._take_again(letter)

    async def _take_again(self, letter: KeptLetter) -> bool:
        try:
            read_data(read_event(letter.body, largest=self._intake.largest))
        except Unreadable as fault:
            await self._letters.fail_again(letter.id, fault.reason, fault.detail)
            return False

        async def mark(connection: AsyncConnection) -> None:
            await mark_replayed(connection, letter.id, self._clock())

        await self._intake.take([Arrival(body=letter.body)], LOCAL, also=mark)
        return letter.id not in {open_letter.id for open_letter in await self._letters.open(ids=[letter.id])}

    async def _send_again(self, letter: KeptLetter) -> bool:
        again = update(outbox).where(outbox.c.id == int(letter.key or 0)).values(published_at=None)
        async with self._database.writing() as connection:
            if not await mark_replayed(connection, letter.id, self._clock()):
                return False
            await connection.execute(again)
        return True

    async def _revive(self, letter: KeptLetter) -> bool:
        async with self._database.writing() as connection:
            if not await mark_replayed(connection, letter.id, self._clock()):
                return False
            return await revive(connection, letter.key or "", self._clock())
