"""One process among others: what it shares with them, and what it does beside the turns."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.board import Board
from agent.desk.hub import Hub
from agent.desk.shared_hub import SharedHub
from agent.housekeeping import Chore, Housekeeping
from agent.order import LocalOrder, Order, SharedOrder
from agent.store.news import Channel, Notice
from agent.store.stores import Stores
from agent.turn import Concierge


@dataclass(frozen=True, kw_only=True)
class Shared:
    """channel None: this process is the only one."""

    board: Board
    hub: Hub
    order: Order
    channel: Channel | None


def share(stores: Stores) -> Shared:
    board = Board()
    if stores.database.alone:
        return Shared(board=board, hub=Hub(), order=LocalOrder(), channel=None)

    def heard(notice: Notice) -> None:
        if "conversation" in notice:
            board.announce(str(notice["conversation"]))
        elif "desk" in notice:
            hub.hear(notice)

    def missed() -> None:
        board.announce_all()
        hub.reread()

    channel = Channel(stores.database, heard=heard, missed=missed)
    hub = SharedHub(channel.tell, stores.processes.me.id)
    return Shared(board=board, hub=hub, order=SharedOrder(stores.turn_taking, board), channel=channel)


@asynccontextmanager
async def running(
    concierge: Concierge, shared: Shared, stores: Stores, *, clock: Callable[[], datetime], chores: Sequence[Chore] = ()
) -> AsyncIterator[Housekeeping]:
    """From the first sign of life to the last: running turns end before the process leaves."""
    keeping = Housekeeping(concierge=concierge, stores=stores, clock=clock, chores=chores)
    tasks: list[asyncio.Task[Any]] = []
    if shared.channel is not None:
        tasks.append(asyncio.create_task(shared.channel.listen()))
    await keeping.start()
    tasks.append(asyncio.create_task(keeping.forever()))
    try:
        yield keeping
    finally:
        await concierge.close()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if shared.channel is not None:
            await shared.channel.close()
        await keeping.stop()
