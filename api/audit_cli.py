"""`concierge audit`: show that the trail is whole, and tell what was decided and why."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.settings import read_settings
from agent.store.audit import AuditTrail, Verified
from agent.store.database import Database, sqlite_url

app = typer.Typer(help="Verify the audit trail and explain what it holds.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def verify(as_json: Json = False) -> None:
    """Find a changed, removed, reordered or truncated record. Exit code 1 if there is one."""
    report = asyncio.run(_verified())
    if as_json:
        findings = [vars(finding) for finding in report.findings]
        typer.echo(json.dumps({"records": report.records, "chains": report.chains, "findings": findings}))
    else:
        for finding in report.findings:
            typer.secho(f"{finding.conversation_id} #{finding.number}: {finding.what}", fg="red")
        typer.echo(f"{report.records} records in {report.chains} chains under {report.roots} signed roots")
    if report.findings:
        raise typer.Exit(1)


@app.command()
def explain(name: Annotated[str, typer.Argument(help="A conversation or proposal id.")], as_json: Json = False) -> None:
    """Tell who did what, by which clause, on which facts, and how it was confirmed."""
    records = asyncio.run(_explained(name))
    if as_json:
        typer.echo(json.dumps(list(records), default=str, indent=2))
    elif not records:
        typer.secho(f"The audit holds nothing under {name}.", err=True, fg="red")
    else:
        typer.echo("\n\n".join(_in_words(record) for record in records))
    if not records:
        raise typer.Exit(1)


async def _verified() -> Verified:
    trail, database = _open()
    try:
        return await trail.verify()
    finally:
        await database.close()


async def _explained(name: str) -> Sequence[Mapping[str, object]]:
    trail, database = _open()
    try:
        return await trail.explain(name)
    finally:
        await database.close()


def _open() -> tuple[AuditTrail, Database]:
    settings = read_settings()
    path = settings.home / "concierge.db"
    if settings.database_url is None and not path.exists():
        typer.secho(f"There is no database at {path}. Set CONCIERGE_HOME to the server's home.", err=True, fg="red")
        raise typer.Exit(2)
    database = Database(settings.database_url or sqlite_url(Path(path)))
    return AuditTrail(database, home=settings.home, key=settings.audit_key), database


def _in_words(record: Mapping[str, Any]) -> str:
    lines = [f"#{record['number']} {record['at']:%Y-%m-%d %H:%M:%S} UTC: {record['tool']} {record['outcome'].lower()}"]
    lines.append(f"  by {record['who']}" + (f", confirmed: {record['confirmed']}" if record["confirmed"] else ""))
    lines += [f"  clause {c['clause_id']} v{c['version']}: {c['title']}" for c in record["clauses"]]
    lines += [f"  {line}" for line in record["trace"]]
    if record["facts"]:
        lines.append("  facts: " + ", ".join(f"{name} = {value}" for name, value in sorted(record["facts"].items())))
    if record["proposal_id"]:
        lines.append(f"  proposal {record['proposal_id']}")
    return "\n".join(lines)
