"""`concierge db`"""

import asyncio

import typer

from agent.settings import Settings, read_settings
from agent.store.database import Database, sqlite_url

app = typer.Typer(pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def db() -> None:
    """The database of conversations, proposals and audit."""


@app.command()
def upgrade() -> None:
    """Bring the schema to this release's. Running it again does nothing."""
    asyncio.run(_upgrade(read_settings()))
    typer.echo("The database has this release's schema.")


async def _upgrade(settings: Settings) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url or sqlite_url(settings.home / "concierge.db"))
    try:
        await database.migrate()
    finally:
        await database.close()
