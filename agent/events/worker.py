"""Does the effects: takes what is due, a few at a time, and keeps what came of each.

A fault is tried again, longer and longer after; a refusal, a bug and a fault without end go to the dead letters, from
where the effect can be put back to work.
"""

import asyncio
import json
import logging
import uuid
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from agent.events.finishing import SYSTEM, Done, Handler, Later, Outcome
from agent.events.metrics import EventMetrics
from agent.store.database import Database
from agent.store.dead_letters import DeadLetter, bury
from agent.store.effects import Effect, Effects, add_effects, settle
from agent.store.ledger import add_audit
from agent.store.transient import is_transient
from tools.domain.errors import Fault, Refusal, ServiceUnavailable

PARALLEL = 16
IDLE_SECONDS = 0.5
LEASE = timedelta(seconds=60)
_RUN_SECONDS = 45.0
_ATTEMPTS = 40
_ATTEMPTS_OF_A_BUG = 3
_CHAINS = 8
_log = logging.getLogger("concierge.events")


class Worker:
    def __init__(
        self,
        *,
        database: Database,
        handlers: Mapping[str, Handler],
        clock: Callable[[], datetime],
        metrics: EventMetrics,
        parallel: int = PARALLEL,
    ) -> None:
        self._database = database
        self._effects = Effects(database)
        self._handlers = handlers
        self._clock = clock
        self._metrics = metrics
        self._parallel = parallel
        self._name = uuid.uuid4().hex
        self._chains: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def once(self) -> int:
        """One round; -> how many effects were taken up."""
        claimed = await self._effects.claim(self._name, now=self._clock(), lease=LEASE, limit=self._parallel)
        async with asyncio.TaskGroup() as group:
            for effect in claimed:
                group.create_task(self._do(effect))
        return len(claimed)

    async def drain(self) -> int:
        """Until nothing is due."""
        total = 0
        while taken := await self.once():
            total += taken
        return total

    async def run(self, stop: asyncio.Event, wake: asyncio.Event, *, idle_seconds: float = IDLE_SECONDS) -> None:
        """Until told to stop; what is under way is finished first. wake: something new may be due."""
        while not stop.is_set():
            wake.clear()
            if not await self._round():
                await _first_of(stop, wake, idle_seconds)

    async def _round(self) -> int:
        try:
            return await self.once()
        except Exception as error:
            if not is_transient(error):
                raise
            self._metrics.count("database_retries")
        return 0

    async def _do(self, effect: Effect) -> None:
        """A database that fails leaves the effect to its lease; the others of the round go on."""
        try:
            await self._try(effect)
        except Exception as error:
            if not is_transient(error):
                raise
            self._metrics.count("database_retries")

    async def _try(self, effect: Effect) -> None:
        try:
            async with asyncio.timeout(_RUN_SECONDS):
                outcome = await self._handle(effect)
        except Refusal as refusal:
            await self._give_up(effect, "rejected", f"{refusal.service}: {refusal.detail}")
        except Fault as fault:
            await self._again(effect, fault, attempts=_ATTEMPTS, reason="exhausted")
        except TimeoutError as slow:
            await self._again(effect, slow, attempts=_ATTEMPTS, reason="exhausted")
        except Exception as error:
            if is_transient(error):
                raise
            _log.exception("effect failed", extra={"kind": effect.kind})
            await self._again(effect, error, attempts=_ATTEMPTS_OF_A_BUG, reason="poison")
        else:
            await self._keep(effect, outcome)

    async def _handle(self, effect: Effect) -> Outcome:
        handler = self._handlers.get(effect.kind)
        if handler is None:
            raise LookupError(f"nothing does effects of kind {effect.kind}")
        return await handler(effect)

    async def _keep(self, effect: Effect, outcome: Outcome) -> None:
        if isinstance(outcome, Later):
            await self._effects.postpone(effect, self._name, outcome.until, counted=False)
            self._metrics.count(f"deferred:{effect.kind}")
            return
        chain = f"effects:{zlib.crc32(effect.order_key.encode()) % _CHAINS}"
        async with self._chains[chain]:
            try:
                kept = await self._settle(effect, outcome, chain)
            except IntegrityError:  # another process wrote to the chain at the same moment
                kept = await self._settle(effect, outcome, chain)
        self._metrics.count(f"done:{effect.kind}" if kept else "started_again")

    async def _settle(self, effect: Effect, done: Done, chain: str) -> bool:
        now = self._clock()
        async with self._database.writing() as connection:
            if not await settle(connection, effect, self._name, state="done", result=done.result, now=now):
                return False
            await add_effects(connection, done.followers, now)
            await add_audit(connection, chain, done.audit, who=SYSTEM, at=now)
            if done.also is not None:
                await done.also(connection)
        return True

    async def _again(self, effect: Effect, error: Exception, *, attempts: int, reason: str) -> None:
        self._metrics.count(f"failed:{effect.kind}")
        if effect.attempts + 1 >= attempts:
            await self._give_up(effect, reason, f"{type(error).__name__} after {attempts} attempts")
            return
        wait = min(300.0, 0.5 * 2 ** min(effect.attempts, 16))
        if isinstance(error, ServiceUnavailable) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
        await self._effects.postpone(effect, self._name, self._clock() + timedelta(seconds=wait), counted=True)

    async def _give_up(self, effect: Effect, reason: str, detail: str) -> None:
        body = json.dumps({"kind": effect.kind, **effect.body}, default=str).encode()
        letter = DeadLetter(origin="effect", body=body, reason=reason, detail=detail, type=effect.kind, key=effect.key)
        now = self._clock()
        async with self._database.writing() as connection:
            gone = await settle(connection, effect, self._name, state="dead", result={"reason": reason}, now=now)
            if gone:
                await bury(connection, [letter], now)
                self._metrics.count("dead_letters")


async def _first_of(stop: asyncio.Event, wake: asyncio.Event, seconds: float) -> None:
    waiting = {asyncio.create_task(stop.wait()), asyncio.create_task(wake.wait())}
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
