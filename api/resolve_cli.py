"""`concierge resolve`: ranked options for a case, and what became of the options of others."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.desk.harvesting import harvest
from agent.desk.rates import rates_of
from agent.desk.views import Option, Rate, Rates, Resolution
from agent.errors import CallerError
from agent.interface import ResolutionRequest
from agent.settings import Settings, read_settings
from agent.store.database import Database, sqlite_url
from agent.store.resolutions import Resolutions
from api.auth.sign_in import build_sign_in, development_issuer
from api.starting import Building
from tools.context import Speaker
from tools.domain.errors import SettingsError
from tools.domain.money import format_minor
from tools.sandbox.people import demo_people

T = TypeVar("T")
app = typer.Typer(pretty_exceptions_enable=False, invoke_without_command=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def resolve(
    context: typer.Context,
    *,
    case: Annotated[str | None, typer.Option(help="A case of the contact centre.")] = None,
    booking: Annotated[str | None, typer.Option(help="A record locator; opens a case, with --reason.")] = None,
    conversation: Annotated[str | None, typer.Option(help="A conversation that was handed over.")] = None,
    event: Annotated[str | None, typer.Option(help="The event that led here: flight.cancelled.")] = None,
    reason: Annotated[str, typer.Option(help="Why a case is opened for the booking.")] = "",
    subject: Annotated[str, typer.Option("--as", metavar="SUBJECT", help="A demo member of staff.")] = "agent-anna",
    as_json: Json = False,
) -> None:
    """Print the ranked options for a case, a booking or a conversation, each checked against policy."""
    if context.invoked_subcommand is not None:
        return
    if sum(name is not None for name in (case, booking, conversation)) != 1:
        raise typer.BadParameter("name one of --case, --booking and --conversation")
    request = ResolutionRequest(
        case_id=case, record_locator=booking, conversation_id=conversation, event=event, reason=reason
    )
    try:
        resolution = asyncio.run(_resolved(read_settings(), request, subject))
    except CallerError as refused:
        typer.secho(f"concierge: {refused}", err=True, fg="red")
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(resolution.model_dump_json(indent=2))
    else:
        _print_options(resolution)


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the standard output.")] = None,
) -> None:
    """Write staff's verdicts as resolution cases for the evals, one JSON object a line."""

    async def read(kept: Resolutions) -> tuple[dict[str, object], ...]:
        return harvest(await kept.verdicts(), await kept.judged())

    cases = asyncio.run(_with_resolutions(read))
    lines = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    if out is None:
        typer.echo(lines, nl=False)
    else:
        out.write_text(lines, encoding="utf-8")
        typer.echo(f"{len(cases)} cases in {out}")


@app.command()
def rates(as_json: Json = False) -> None:
    """Print how often options are accepted, edited and rejected, by option and by clause."""

    async def read(kept: Resolutions) -> Rates:
        return rates_of(await kept.verdicts())

    found = asyncio.run(_with_resolutions(read))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    console = Console(highlight=False)
    console.print(f"{found.verdicts} options were decided.")
    for title, rows in (("Option", found.options), ("Clause", found.clauses)):
        if rows:
            console.print(_rates_table(title, rows))


async def _resolved(settings: Settings, request: ResolutionRequest, subject: str) -> Resolution:
    speaker = await _staff(settings, subject)
    building = Building(settings)
    try:
        return await (await building.platform).concierge.resolve(request, speaker)
    finally:
        await building.stop()


async def _staff(settings: Settings, subject: str) -> Speaker:
    """A demo person proves themselves with a real token, like everybody else."""
    token = development_issuer(settings, demo_people()).token(subject)
    if token is None:
        raise typer.BadParameter(f"nobody is called {subject}; GET /dev/people lists them", param_hint="--as")
    sign_in = build_sign_in(settings, demo_people())
    try:
        return await sign_in.speaker(f"Bearer {token}", "")
    finally:
        await sign_in.close()


async def _with_resolutions(read: Callable[[Resolutions], Awaitable[T]]) -> T:
    settings = read_settings()
    path = settings.home / "concierge.db"
    if settings.database_url is None and not path.exists():
        raise SettingsError(f"There is no database at {path}. Set CONCIERGE_HOME to the server's home.")
    database = Database(settings.database_url or sqlite_url(path))
    try:
        return await read(Resolutions(database))
    finally:
        await database.close()


def _print_options(resolution: Resolution) -> None:
    console = Console(highlight=False)
    console.print(Text(f"{resolution.summary} Case {resolution.case_id}.", style="bold"))
    for number, option in enumerate(resolution.options, start=1):
        console.print(_option(f"{number}.", option))
    if resolution.ineligible:
        console.print(Text("\nNot possible:", style="bold"))
    for option in resolution.ineligible:
        console.print(_option("-", option))


def _option(mark: str, option: Option) -> Text:
    worth = f"costs {format_minor(option.cost_minor, option.currency)}, worth "
    figures = f"  {worth}{format_minor(option.value_minor, option.currency)}" if option.eligible else ""
    clauses = ", ".join(f"{clause.clause_id} v{clause.version}" for clause in option.clauses)
    text = Text(f"\n{mark} ").append(option.label, style="bold green" if option.eligible else "bold red")
    text.append(figures, style="dim").append(f"\n   {option.why}")
    text.append(f"\n   § {clauses}" if clauses else "", style="cyan")
    if option.needs_approval:
        text.append(f"\n   needs the approval of a {option.needs_approval}", style="yellow")
    return text


def _rates_table(title: str, rows: tuple[Rate, ...]) -> Table:
    table = Table(title=f"By {title.lower()}", title_justify="left")
    for name in (title, "Decided", "Accepted", "Edited", "Rejected"):
        table.add_column(name, justify="left" if name == title else "right")
    for rate in rows:
        shares: tuple[Any, ...] = (rate.accepted, rate.edited, rate.rejected)
        table.add_row(rate.name, str(rate.decided), *(f"{share:.0%}" for share in shares))
    return table
