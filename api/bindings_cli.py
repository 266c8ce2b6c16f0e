"""`concierge bindings`"""

import asyncio
import json
import secrets
from collections import Counter
from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer

from tools.clients.conformance.check import PROMISES, check_contract
from tools.clients.conformance.probe import EMBEDDED, Finding, Known
from tools.domain.errors import ServiceUnavailable
from tools.domain.ids import CustomerId, RecordLocator

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
_SIGNS = {"kept": ("✓", "green"), "deviates": ("✗", "red"), "not checked": ("–", "yellow")}


@app.callback()
def bindings() -> None:
    """The services that Concierge is bound to."""


@app.command()
def check(
    url: Annotated[str, typer.Argument(help="Base URL of the services, such as http://127.0.0.1:8100.")],
    *,
    token: Annotated[
        str | None,
        typer.Option(envvar="CONCIERGE_CHECK_TOKEN", help="The client's token; the sandbox takes any."),
    ] = None,
    writes: Annotated[
        bool | None, typer.Option(help="Check the writes too; else only where the service is a sandbox.")
    ] = None,
    locator: Annotated[str, typer.Option(help="A booking still to be flown.")] = EMBEDDED.locator,
    surname: Annotated[str, typer.Option(help="A passenger's on it.")] = EMBEDDED.surname,
    customer: Annotated[str, typer.Option(help="Who made it.")] = EMBEDDED.customer,
    other_locator: Annotated[str, typer.Option(help="A booking of somebody else.")] = EMBEDDED.other_locator,
    other_customer: Annotated[str, typer.Option(help="Who made that one.")] = EMBEDDED.other_customer,
    time_out: Annotated[float, typer.Option(min=0.1, help="Seconds for each answer.")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check services against the contract, promise by promise, and name each deviation. Exits 1 if there is one."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise typer.BadParameter("Give a URL that starts with http:// or https://.", param_hint="URL")
    known = Known(
        locator=RecordLocator(locator),
        surname=surname,
        customer=CustomerId(customer),
        other_locator=RecordLocator(other_locator),
        other_customer=CustomerId(other_customer),
    )
    try:
        findings = asyncio.run(_check(url, token or "check", known, writes, time_out, quiet=as_json))
    except ServiceUnavailable as fault:
        typer.secho(f"concierge: {fault.detail}", err=True, fg="red")
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _sum_up(findings)
    raise typer.Exit(int(any(finding.verdict == "deviates" for finding in findings)))


async def _check(
    url: str, token: str, known: Known, writes: bool | None, time_out: float, *, quiet: bool
) -> list[Finding]:
    findings: list[Finding] = []
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=time_out, trust_env=False) as http:
        async for finding in check_contract(http, known=known, with_writes=writes, run=secrets.token_hex(4)):
            findings.append(finding)
            if not quiet:
                _show(finding)
    return findings


def _show(finding: Finding) -> None:
    sign, colour = _SIGNS[finding.verdict]
    detail = f": {finding.detail}" if finding.detail else ""
    typer.secho(f"{sign} {finding.service:<13} {finding.promise}{detail}", fg=colour)


def _sum_up(findings: list[Finding]) -> None:
    counts = Counter(finding.verdict for finding in findings)
    parts = [f"{counts['kept']} of {len(PROMISES)} promises kept", f"{counts['deviates']} deviate"]
    if counts["not checked"]:
        parts.append(f"{counts['not checked']} not checked because they write (--writes)")
    typer.echo(", ".join(parts) + ".")
