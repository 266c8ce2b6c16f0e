"""`concierge doctor`"""

import asyncio
import json
import os
import platform as machine
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.bootstrap import build
from agent.model_check import check_models
from agent.settings import Settings, read_settings
from api.auth.sign_in import build_sign_in
from tools.domain.errors import ConciergeError, SettingsError
from tools.sandbox.people import demo_people

app = typer.Typer(pretty_exceptions_enable=False)


@dataclass(frozen=True, kw_only=True)
class Finding:
    subject: str
    state: Literal["ok", "failed"]
    what: str
    remedy: str = ""


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Say what is set, what works, and how to mend what does not. The exit code is 1 if something fails."""
    findings = asyncio.run(_examine())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print(findings)
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(1)


async def _examine() -> list[Finding]:
    try:
        settings = read_settings()
    except SettingsError as error:
        return [Finding(subject="settings", state="failed", what=str(error), remedy="Correct or unset it.")]
    return [*_plain(settings), *await _models(settings), await _sign_in(settings), *await _running(settings)]


def _plain(settings: Settings) -> Iterator[Finding]:
    yield Finding(subject="python", state="ok", what=machine.python_version())
    yield _home(settings)
    bound = settings.binding_urls()
    services = ", ".join(f"{name} at {url}" for name, url in bound.items()) or "the embedded airline"
    yield Finding(subject="services", state="ok", what=services)


async def _models(settings: Settings) -> list[Finding]:
    """Each remote model is asked for one word; the embedded one is always there."""
    if settings.model == "embedded":
        return [Finding(subject="model", state="ok", what="embedded")]
    try:
        reports = await check_models(settings)
    except ConciergeError as error:
        return [Finding(subject="model", state="failed", what=str(error), remedy="Set what the line names.")]
    return [
        Finding(
            subject="model",
            state="ok" if report.works else "failed",
            what=f"{report.name}: {report.what}",
            remedy=report.remedy,
        )
        for report in reports
    ]


def _home(settings: Settings) -> Finding:
    where = settings.home.absolute()
    nearest = next(folder for folder in (where, *where.parents) if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding(subject="home", state="ok", what=str(where))
    remedy = "Set CONCIERGE_HOME to a folder this user may write to."
    return Finding(subject="home", state="failed", what=f"{where} cannot be written", remedy=remedy)


async def _sign_in(settings: Settings) -> Finding:
    try:
        sign_in = build_sign_in(settings, demo_people())
    except ConciergeError as error:
        return Finding(subject="sign-in", state="failed", what=str(error), remedy="Set what the line names.")
    await sign_in.close()
    what = "demo people (development)" if sign_in.development else "Okta or Entra ID"
    return Finding(subject="sign-in", state="ok", what=what)


async def _running(settings: Settings) -> list[Finding]:
    """Builds everything the server would, and asks each dependency."""
    try:
        async with build(settings) as platform:
            asked = await platform.health()
            clauses = len({clause.id for clause in platform.pack.clauses})
    except ConciergeError as error:
        return [Finding(subject="start", state="failed", what=str(error), remedy="Mend what the line names.")]
    found = [
        Finding(
            subject=name,
            state="ok" if state == "ok" else "failed",
            what=state,
            remedy="" if state == "ok" else f"See that {name} runs and can be reached.",
        )
        for name, state in asked.items()
    ]
    return [Finding(subject="policy pack", state="ok", what=f"{clauses} clauses"), *found]


def _print(findings: list[Finding]) -> None:
    table = Table("", "", "", "", show_header=False, box=None, padding=(0, 1))
    for finding in findings:
        mark = Text("✓", style="green") if finding.state == "ok" else Text("✗", style="bold red")
        table.add_row(
            mark, Text(finding.subject, style="bold"), Text(finding.what), Text(finding.remedy, style="yellow")
        )
    Console(highlight=False).print(table)
