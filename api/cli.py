"""The `concierge` command. Each subcommand is imported when it is called, so that the command itself starts at once."""

import sys
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from tools.domain.errors import SettingsError

WRONG_USAGE = 2


@dataclass(frozen=True, kw_only=True)
class Part:
    """A module with a typer `app`, and the line that `--help` shows without importing it."""

    module: str
    summary: str


PARTS = {
    "serve": Part(module="api.serve_cli", summary="Serve the API and the pages."),
    "chat": Part(module="api.chat_cli", summary="Talk to Concierge in the terminal."),
    "sandbox": Part(module="api.sandbox_cli", summary="Serve the embedded airline on a port of its own."),
    "token": Part(module="api.token_cli", summary="Print an access token for a demo person."),
    "policy": Part(module="api.policy_cli", summary="List, show, check, test and explain the policy pack."),
    "knowledge": Part(module="api.knowledge_cli", summary="Index and search the clauses, and examine the search."),
    "resolve": Part(module="api.resolve_cli", summary="Work out the options of a case; export what staff decided."),
    "bindings": Part(module="api.bindings_cli", summary="Check a service against the contract."),
    "events": Part(module="api.events_cli", summary="Relay, consume, send and replay events, and see how they stand."),
    "audit": Part(module="api.audit_cli", summary="Verify the audit trail and explain what it holds."),
    "db": Part(module="api.db_cli", summary="Bring the database to this release's schema."),
    "eval": Part(module="api.eval_cli", summary="Run eval suites, compare runs, write reports."),
    "doctor": Part(module="api.doctor_cli", summary="Say what is set, what works, and how to mend what does not."),
}


class Parts(TyperGroup):
    """Lists every part by its summary; imports only the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, part in PARTS.items() if find_spec(part.module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        part = PARTS.get(cmd_name)
        return TyperCommand(cmd_name, help=part.summary) if part and find_spec(part.module) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, stub, rest = super().resolve_command(ctx, args)
        if stub is None or name not in PARTS:
            return name, stub, rest
        command = typer.main.get_command(import_module(PARTS[name].module).app)
        command.name = name
        return name, command, rest


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"concierge {metadata.version('cmp-concierge')}")
        raise typer.Exit


app = typer.Typer(cls=Parts, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def concierge(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """The conversational agent of an airline: the model proposes, policy decides, the person confirms."""


def main() -> None:
    try:
        typer.main.get_command(app)(prog_name="concierge")
    except SettingsError as error:
        typer.secho(f"concierge: {error}", err=True, fg="red")
        sys.exit(WRONG_USAGE)
