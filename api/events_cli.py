"""`concierge events relay | consume | send | replay | status`"""

import asyncio
import json
import signal
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agent.events.build import Events, build_paths
from agent.events.cloudevents import Unreadable
from agent.events.replaying import Replayed
from agent.events.schemas import TYPES, key_of
from agent.events.status import EventStatus, gauges
from agent.events.wiring import OPERATIONS, address_of, names_of
from agent.settings import Settings, read_settings
from agent.store.database import Database, sqlite_url
from tools.domain.errors import SettingsError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def events() -> None:
    """Events to and from Azure Event Hubs; without a hub, through this installation's own outbox."""


@app.command()
def relay(
    once: Annotated[bool, typer.Option("--once", help="Send what waits now, and stop.")] = False,
    as_json: Json = False,
) -> None:
    """Send what waits in the outbox to the hub, in order for each key, until stopped."""
    sent = asyncio.run(_relay(_with_hub(read_settings()), once))
    _say({"relayed": sent}, f"{sent} events sent.", as_json)


@app.command()
def consume() -> None:
    """Take events from the hub and do their effects, until stopped. Several may run: they share the partitions."""
    asyncio.run(_consume(_with_hub(read_settings())))


@app.command()
def send(
    event_type: Annotated[str, typer.Argument(metavar="TYPE", help=f"One of {', '.join(TYPES)}.")],
    *,
    flight: Annotated[str | None, typer.Option(help="Flight number, such as GA131.")] = None,
    on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Its date; today.")] = None,
    delay: Annotated[int | None, typer.Option(min=1, help="Minutes, for flight.delayed.")] = None,
    cause: Annotated[str | None, typer.Option(help="technical, weather, crew ...")] = None,
    data: Annotated[str, typer.Option(help="The event's data as JSON; added to the options above.")] = "{}",
    event_id: Annotated[
        str | None, typer.Option("--id", help="Its id; a new one. The same id is handled once.")
    ] = None,
    source: Annotated[str, typer.Option(help="Whose event it is.")] = OPERATIONS,
    as_json: Json = False,
) -> None:
    """Put an event on its way as another system would. With a running server and no hub it is handled at once."""
    day = (on or datetime.now(UTC)).date() if flight else None
    body = _data(data) | _given(flight_number=flight, flight_date=day, delay_minutes=delay, cause=cause)
    try:
        key = key_of(event_type, body)
    except Unreadable as fault:
        raise typer.BadParameter(fault.detail) from None
    name = event_id or uuid.uuid4().hex
    asyncio.run(_send(read_settings(), event_type=event_type, key=key, data=body, source=source, event_id=name))
    sent = {"id": name, "source": source, "type": event_type, "key": key}
    _say(sent, f"{event_type} {key} is on its way as {name}.", as_json)


@app.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Dead letters; all of them if none is named.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason.")] = None,
    as_json: Json = False,
) -> None:
    """Try dead letters again, after what was wrong has been mended. Exit code 1 if one is still dead."""
    done = asyncio.run(_replay(read_settings(), tuple(ids or ()), reason))
    _say(asdict(done), f"{len(done.done)} replayed, {len(done.still_dead)} still dead.", as_json)
    if done.still_dead:
        raise typer.Exit(1)


@app.command()
def status(as_json: Json = False) -> None:
    """Lag for each partition, age of the outbox, effects, dead letters."""
    found, numbers = asyncio.run(_status(read_settings()))
    if as_json:
        typer.echo(json.dumps({**asdict(found), "gauges": dict(numbers)}))
    else:
        _show(found)


async def _relay(settings: Settings, once: bool) -> int:
    async with _open(settings) as paths:
        if once:
            sent = await paths.relay.drain()
            await paths.relay.close()
            return sent
        await paths.run(_stopped_by_signal(), consume=False)
        return paths.metrics.counts["relayed"]


async def _consume(settings: Settings) -> None:
    from agent.bootstrap import build  # noqa: PLC0415 options are ranked by the whole engine

    stop = _stopped_by_signal()
    async with build(settings.model_copy(update={"event_loops": False})) as platform:
        typer.secho("Consuming events. Ctrl+C stops.", err=True, dim=True)
        await platform.events.run(stop, relay=False)


async def _send(settings: Settings, *, event_type: str, key: str, data: Mapping[str, Any], **named: str) -> None:
    async with _open(settings) as paths:
        await paths.send(type=event_type, key=key, data=data, **named)


async def _replay(settings: Settings, ids: tuple[int, ...], reason: str | None) -> Replayed:
    async with _open(settings) as paths:
        return await paths.replaying.replay(ids=ids, reason=reason)


async def _status(settings: Settings) -> tuple[EventStatus, Mapping[str, float]]:
    async with _open(settings) as paths:
        found = await paths.status()
        return found, gauges(found, paths.metrics)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Events]:
    """The paths without their effects: what only moves events needs no airline and no model."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url or sqlite_url(settings.home / "concierge.db"))
    try:
        await database.migrate()
        yield build_paths(
            database=database, clock=lambda: datetime.now(UTC), names=names_of(settings), address=address_of(settings)
        )
    finally:
        await database.close()


def _with_hub(settings: Settings) -> Settings:
    if address_of(settings) is None:
        raise SettingsError(
            "CONCIERGE_EVENTHUB_NAMESPACE: no hub is set, so `concierge serve` handles its own events by itself"
        )
    return settings


def _stopped_by_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _data(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--data is no JSON: {error}") from None
    if not isinstance(read, dict):
        raise typer.BadParameter("--data must be a JSON object")
    return read


def _given(**options: str | int | date | None) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in options.items()
        if value is not None
    }


def _say(machine: Mapping[str, object], words: str, as_json: bool) -> None:
    typer.echo(json.dumps(machine) if as_json else words)


def _show(found: EventStatus) -> None:
    console = Console()
    console.print(f"Outbox: {found.outbox_waiting} waiting, the oldest for {found.outbox_age_seconds:.0f} s.")
    effects = found.effects
    console.print(f"Effects: {effects.pending} pending ({effects.overdue} due), {effects.settled} done.")
    dead = ", ".join(f"{count} {reason}" for reason, count in sorted(found.dead_letters.items()))
    console.print(f"Dead letters: {dead or 'none'}.")
    if found.partitions:
        table = Table("partition", "lag", "reached", "last", "reader")
        for one in found.partitions:
            table.add_row(one.partition, str(one.lag), str(one.reached), str(one.last), one.owner[:8] or "nobody")
        console.print(table)
