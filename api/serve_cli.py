"""`concierge serve`"""

import asyncio
import socket
from typing import Annotated

import typer

from agent.settings import Settings, read_settings
from api.app import create_app
from api.auth.sign_in import SignIn, build_sign_in
from api.serving import Server, address_of, take_port
from api.starting import Building
from tools.sandbox.people import demo_people

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; CONCIERGE_HOST, else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; CONCIERGE_PORT, else 8000; 0 picks one.")
    ] = None,
) -> None:
    """Serve the API and the pages.

    With no setting at all: the embedded airline, model and stores, and demo people to sign in as.
    """
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = read_settings()
    settings = settings.model_copy(update={**given, "event_loops": settings.event_loops is not False})
    sign_in = build_sign_in(settings, demo_people())
    with take_port(settings.host, settings.port) as listener:
        asyncio.run(_run(settings, sign_in, listener))


async def _run(settings: Settings, sign_in: SignIn, listener: socket.socket) -> None:
    """Whichever ends first, the server by a signal or the platform by a fault, ends the other."""
    typer.secho("Preparing Concierge ...", dim=True)
    building = Building(settings)
    building.platform.add_done_callback(
        lambda built: None if built.cancelled() or built.exception() else _greet(address_of(listener), sign_in)
    )
    concierge = create_app(building.platform, sign_in, embed_origins=settings.embed_origins)
    server = Server(concierge, on_stop=concierge.state.stopping.set)
    serving = asyncio.create_task(server.serve([listener]))
    await asyncio.wait({serving, building.task}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    await building.stop()
    typer.secho("Concierge has stopped.", dim=True)


def _greet(address: str, sign_in: SignIn) -> None:
    typer.echo("\nConcierge is ready: " + typer.style(f"{address}/", fg="cyan", bold=True))
    for line in _ideas(address) if sign_in.development else ():
        typer.echo(line)
    typer.secho("\nCtrl+C stops it.", dim=True)


def _ideas(address: str) -> tuple[str, ...]:
    person = demo_people()[0]
    return (
        "\nThree things to try:",
        f'  1. Ask "How many cabin bags may I take?" at {address}/',
        f'  2. Become {person.name} at {address}/dev/login and write "Please cancel my booking"',
        f"  3. Talk in a second terminal: concierge chat --as {person.id}",
    )
