"""A store that outlives trouble of its database: each public method is one transaction, and is made again.

A transaction whose end is unknown may have been kept, so a method that is made again must find that and do no harm.
SQLite has no connection to lose and waits for its lock by itself.
"""

import asyncio
import functools
import inspect
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from agent.errors import StoreUnavailable
from agent.store.transient import is_transient

LONGEST_SECONDS = 20.0
"""Longer than a restart of the database; the person waits meanwhile."""
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=type[Any])


def patient(store: C) -> C:
    """For a class that keeps its Database in `_database`."""
    for name, method in list(vars(store).items()):
        if inspect.iscoroutinefunction(method) and not name.startswith("_"):
            setattr(store, name, _again(method))
    return store


def _again(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    @functools.wraps(method)
    async def made(*args: P.args, **kwargs: P.kwargs) -> T:
        store: Any = args[0]
        if store._database.alone:
            return await method(*args, **kwargs)
        return await try_again(lambda: method(*args, **kwargs))

    return made


async def try_again(work: Callable[[], Awaitable[T]], seconds: float = LONGEST_SECONDS) -> T:
    """Raises StoreUnavailable when the trouble does not pass in time."""
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_transient(error):
                raise
            if time.monotonic() + pause > deadline:
                raise StoreUnavailable("The database cannot be reached right now.") from error
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the rush, keeps no secret
        pause = min(pause * 2, _LONGEST_PAUSE)
