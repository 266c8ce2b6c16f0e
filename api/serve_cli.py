"""`concierge serve`"""

import asyncio
import socket
from typing import Annotated

import typer

from agent.settings import Settings, read_settings
from api.auth.sign_in import SignIn, build_sign_in
from api.running import run
from api.serving import address_of, take_port
from api.workers import Workers
from evals.library import Library
from tools.domain.errors import SettingsError
from tools.sandbox.people import demo_people

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; CONCIERGE_HOST, else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; CONCIERGE_PORT, else 8000; 0 picks one.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL.")] = 1,
) -> None:
    """Serve the API and the pages.

    With no setting at all: the embedded airline, model and stores, and demo people to sign in as.
    """
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = read_settings()
    settings = settings.model_copy(update={**given, "event_loops": settings.event_loops is not False})
    sign_in = build_sign_in(settings, demo_people())
    if workers > 1:
        _require_shared(settings)
    with take_port(settings.host, settings.port) as listener:
        typer.secho("Preparing Concierge ...", dim=True)
        if workers > 1:
            code = asyncio.run(_several(settings, sign_in, listener, workers))
        else:
            asyncio.run(_one(settings, sign_in, listener))
            code = 0
    typer.secho("Concierge has stopped.", dim=True)
    raise typer.Exit(code)


async def _one(settings: Settings, sign_in: SignIn, listener: socket.socket) -> None:
    library = Library(settings.home / "evals")
    await run(settings, sign_in, listener, library, on_ready=lambda: _greet(address_of(listener), sign_in))


async def _several(settings: Settings, sign_in: SignIn, listener: socket.socket, number: int) -> int:
    given = {"CONCIERGE_HOST": settings.host, "CONCIERGE_PORT": str(settings.port)}
    loops = {"CONCIERGE_EVENT_LOOPS": str(settings.event_loops).lower()}
    workers = Workers(listener, {**given, **loops}, say=lambda line: typer.secho(line, err=True, fg="yellow"))
    return await workers.run(number, lambda: _greet(address_of(listener), sign_in))


def _require_shared(settings: Settings) -> None:
    if not (settings.database_url or "").startswith("postgresql"):
        raise SettingsError("CONCIERGE_DATABASE_URL: several workers need PostgreSQL; SQLite serves one process")


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
