"""The server of one process, from the first request to the last turn."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial

from agent.settings import Settings
from agent.telemetry.export import telemetry
from agent.telemetry.exposition import expose
from api.app import create_app
from api.auth.sign_in import SignIn
from api.limits import Limits
from api.metrics import Metrics
from api.reports import Evals, Library
from api.serving import Server
from api.starting import Building
from api.tickets import Tickets


async def run(
    settings: Settings,
    sign_in: SignIn,
    listener: socket.socket,
    library: Library,
    *,
    on_ready: Callable[[], None],
    on_server: Callable[[Server], None] = lambda server: None,
    one_of_many: bool = False,
) -> None:
    """Whichever ends first, the server by a signal or the platform by a fault, ends the other."""
    with telemetry(settings) as reader:
        metrics = Metrics(partial(expose, reader), settings.home / "metrics" if one_of_many else None)
        evals = Evals(library=library, tickets=Tickets(settings.home / "tickets"))
        sharing = asyncio.create_task(metrics.share())
        try:
            await _run(settings, sign_in, listener, metrics, evals, on_ready=on_ready, on_server=on_server)
        finally:
            sharing.cancel()
            await asyncio.wait([sharing])


async def _run(
    settings: Settings,
    sign_in: SignIn,
    listener: socket.socket,
    metrics: Metrics,
    evals: Evals,
    *,
    on_ready: Callable[[], None],
    on_server: Callable[[Server], None],
) -> None:
    building = Building(settings)
    building.platform.add_done_callback(lambda built: None if built.cancelled() or built.exception() else on_ready())
    concierge = create_app(
        building.platform,
        sign_in,
        embed_origins=settings.embed_origins,
        allowed_origins=settings.allowed_origins,
        metrics=metrics,
        shown_evals=evals,
        limits=Limits.of(settings, demonstration=sign_in.development is not None),
    )
    server = Server(concierge, on_stop=concierge.state.stopping.set)
    on_server(server)
    serving = asyncio.create_task(server.serve([listener]))
    await asyncio.wait({serving, building.task}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    await building.stop()
