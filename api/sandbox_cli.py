"""`concierge sandbox`"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.settings import read_settings
from api.serving import Server, address_of, take_port
from tools.sandbox.app import create_sandbox

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks one.")] = 8100,
    size: Annotated[Literal["demo", "full"] | None, typer.Option(help="CONCIERGE_SANDBOX_SIZE, else full.")] = None,
    database: Annotated[Path | None, typer.Option(help="SQLite file; else one in CONCIERGE_HOME.")] = None,
) -> None:
    """Serve the embedded airline on a port of its own, with a page that shows its people and what they were sent."""
    settings = read_settings()
    with take_port(host, port) as listener:
        settings.home.mkdir(parents=True, exist_ok=True)
        airline = create_sandbox(
            database or settings.home / "sandbox.db", now=lambda: datetime.now(UTC), size=size or settings.sandbox_size
        )
        address = address_of(listener)
        server = Server(airline, on_ready=lambda: typer.echo(f"The embedded airline is ready: {address}/"))
        asyncio.run(server.serve([listener]))
