"""`concierge doctor`"""

import asyncio
import json
import os
import platform as machine
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.doctor.contradictions import contradictions
from agent.doctor.dependencies import check_dependencies
from agent.doctor.finding import Finding, State, broken, well
from agent.doctor.listing import Listed, list_settings, misspelt
from agent.doctor.places import check_places
from agent.settings import Settings, read_settings
from api.auth.checking import check_issuer
from api.auth.sign_in import configured_issuers, page_clients, require_development_of
from api.auth.tokens import Issuer
from tools.domain.errors import ConciergeError, SettingsError

app = typer.Typer(pretty_exceptions_enable=False)
_MARKS: dict[State, Text] = {
    "ok": Text("✓", style="green"),
    "warning": Text("!", style="bold yellow"),
    "failed": Text("✗", style="bold red"),
}
_REMEDIES = {
    "okta": "Check CONCIERGE_OKTA_ISSUER to the letter (a custom authorization server, no slash more) and the network.",
    "entra": "Check CONCIERGE_ENTRA_TENANT and CONCIERGE_ENTRA_AUTHORITY, and the network.",
}


@app.command()
def doctor(
    *,
    every: Annotated[bool, typer.Option("--all", help="List settings that have their default too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings and settings as JSON.")] = False,
) -> None:
    """Say what is set, what works, and how to mend what does not. The exit code is 1 if something is broken.

    Nothing is changed and nothing is started: the database is not upgraded, the index is not rebuilt.
    """
    try:
        settings = read_settings()
    except SettingsError as error:
        found, listed = [broken("settings", str(error), "Correct or unset it.")], []
    else:
        found, listed = asyncio.run(_examine(settings)), list(list_settings(settings))
    if as_json:
        told = {"findings": [asdict(one) for one in found], "settings": [asdict(one) for one in listed]}
        typer.echo(json.dumps(told, indent=2))
    else:
        _print(found, listed if every else [one for one in listed if one.source != "default"], len(listed))
    if any(finding.state == "failed" for finding in found):
        raise typer.Exit(1)


async def _examine(settings: Settings) -> list[Finding]:
    secrets = os.environ.get("CONCIERGE_SECRETS")
    return [
        well("python", machine.python_version()),
        *misspelt(folder=Path(secrets) if secrets else None),
        *await check_places(settings),
        *await check_dependencies(settings),
        *await check_sign_in(settings),
        *contradictions(settings),
    ]


async def check_sign_in(settings: Settings) -> list[Finding]:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        try:
            page_clients(settings)
            issuers = configured_issuers(settings, client)
            if not issuers:
                require_development_of(settings)
        except ConciergeError as error:
            return [broken("sign-in", str(error), "Set what the line names.")]
        if not issuers:
            return [well("sign-in", "demo people (development)")]
        return [_issuer(issuer, await check_issuer(client, issuer.url)) for issuer in issuers]


def _issuer(issuer: Issuer, trouble: str) -> Finding:
    if trouble:
        return broken(issuer.provider, f"{issuer.url}: {trouble}", _REMEDIES[issuer.provider])
    return well(issuer.provider, f"{issuer.url}, audience {issuer.audience}")


def _print(found: Sequence[Finding], listed: Sequence[Listed], known: int) -> None:
    console = Console(highlight=False)
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    for finding in found:
        table.add_row(_MARKS[finding.state], Text(finding.subject, style="bold"), _words(finding))
    console.print(table)
    counts = Counter(finding.state for finding in found)
    console.print(f"\n{counts['ok']} well, {counts['warning']} to look at, {counts['failed']} broken.", style="bold")
    if listed:
        console.print(_settings(listed))
    if len(listed) < known:
        console.print(f"{known - len(listed)} settings have their default; --all lists them.", style="dim")


def _words(finding: Finding) -> Text:
    remedy = ("\n→ " + finding.remedy, "yellow") if finding.remedy else ("", "")
    return Text.assemble(finding.what, remedy)


def _settings(listed: Sequence[Listed]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for title in ("setting", "value", "from"):
        table.add_column(title, overflow="fold")
    for one in listed:
        table.add_row(Text(one.name), Text(one.value), Text(one.source, style="dim"))
    return table
