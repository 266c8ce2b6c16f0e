"""`concierge policy list | show | facts | lint | test | explain | diff`"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from agent.settings import Settings, read_settings
from knowledge.cases import CaseError, parse_facts, run_cases
from knowledge.clause import Clause, Rule
from knowledge.compare import Comparison, compare
from knowledge.decide import Decision
from knowledge.decisions import count_decisions
from knowledge.facts import FACTS, booking_facts
from knowledge.frontmatter import PackError
from knowledge.lint import lint as lint_folder
from knowledge.pack import Carrier, PolicyPack, default_pack_path, load_pack, read_pack
from knowledge.tally import render_fact
from knowledge.values import Value, render_money
from tools.domain.errors import NotFound, ServiceUnavailable
from tools.domain.ids import RecordLocator
from tools.domain.records import Booking, FlightStatus
from tools.ports import BookingService, Subject
from tools.sandbox.held import BOOKINGS, FLIGHTS, operation_id
from tools.sandbox.seed import Size
from tools.sandbox.store import Store

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

WRONG_USAGE = 2
_SEED = 7
_EXAMPLES = 10
_WISHES: dict[str, Value] = {
    "change.fare_difference": 0,
    "reroute.same_route": True,
    "reroute.seats_left": 1,
    "claim.paid_already": False,
    "claim.wants_refund": False,
    "claim.question": "compensation",
    "passenger.tier": "none",
    "baggage.event": "none",
}
"""What a person wishes in the comparison of packs: the plainest wish of each kind."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Pack = Annotated[Path | None, typer.Option("--pack", help="Another pack's folder.")]
Folder = Annotated[Path | None, typer.Argument(help="The pack's folder; the one that serves if not given.")]
Day = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today if not given.")]


@app.command("list")
def list_clauses(
    pack: Pack = None,
    on: Day = None,
    every: Annotated[bool, typer.Option("--all", help="Also versions out of force.")] = False,
    as_json: Json = False,
) -> None:
    """List the clauses in force on a day."""
    loaded, day = _load(pack), (on or datetime.now(UTC)).date()
    clauses = loaded.clauses if every else loaded.effective(day, "staff")
    if as_json:
        _print_json([_summary(clause) for clause in clauses])
        return
    table = Table("clause", "version", "authority", "governs", "title", box=None)
    for clause in clauses:
        table.add_row(clause.id, str(clause.version), clause.authority, ", ".join(clause.governs), clause.title)
    Console().print(table)
    typer.echo(f"{len(clauses)} clauses, {len(set(clause.id for clause in clauses))} ids")


@app.command()
def show(
    clause_id: str,
    version: Annotated[int | None, typer.Option(help="A version; the newest if not given.")] = None,
    pack: Pack = None,
    as_json: Json = False,
) -> None:
    """Show one clause: its text, its rules and its history."""
    loaded = _load(pack)
    clause = loaded.clause(clause_id, version)
    if clause is None:
        _stop(f"there is no clause {clause_id}{f' version {version}' if version else ''}")
    history = [other for other in loaded.clauses if other.id == clause.id]
    if as_json:
        rules = [_rule(rule) for rule in clause.rules]
        _print_json(
            {**_summary(clause), "text": clause.body, "rules": rules, "history": [_summary(c) for c in history]}
        )
        return
    _show(clause, history)


@app.command()
def facts(as_json: Json = False) -> None:
    """Print the vocabulary: every fact with its type, source, record field and meaning."""
    if as_json:
        _print_json([asdict(fact) for fact in FACTS.values()])
        return
    table = Table("fact", "type", "unit", "source", "field", "meaning", box=None)
    for fact in FACTS.values():
        table.add_row(fact.name, fact.type, fact.unit, fact.source, fact.field, fact.meaning)
    Console().print(table)


@app.command()
def lint(folder: Folder = None, as_json: Json = False) -> None:
    """Check a pack, with file, line and column. Exit code 1 when something is found."""
    path = folder or _folder(None)
    pack, _ = read_pack(path)
    known = _bookings(datetime.now(UTC), "demo", pack.carriers) if pack else ()
    findings = lint_folder(path, (found for _, found in known))
    if as_json:
        _print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(f"{len(findings)} findings")
    raise typer.Exit(1 if findings else 0)


@app.command("test")
def run(folder: Folder = None, as_json: Json = False) -> None:
    """Run every clause's cases and say which rules no case makes true or false."""
    loaded = _load(folder)
    report = run_cases(loaded)
    coverage, decisions = report.coverage, count_decisions(loaded)
    if as_json:
        _print_json({"findings": [asdict(f) for f in report.findings], **asdict(coverage), "decisions": decisions})
    else:
        for line in (*map(str, report.findings), *(f"never true: {name}" for name in coverage.never_true)):
            typer.echo(line)
        for name in coverage.never_false:
            typer.echo(f"never false: {name}")
        rules = sum(len(clause.rules) for clause in loaded.clauses)
        typer.echo(f"{coverage.cases} cases of {len(loaded.clauses)} clauses, {rules} rules; {decisions} decisions")
    raise typer.Exit(1 if report.findings or coverage.never_true or coverage.never_false else 0)


@app.command()
def explain(  # noqa: PLR0917 - one a command-line option
    action: str,
    booking: Annotated[str | None, typer.Option(help="A record locator.")] = None,
    facts_file: Annotated[Path | None, typer.Option("--facts", help="A YAML or JSON file of facts.")] = None,
    on: Day = None,
    pack: Pack = None,
    as_json: Json = False,
) -> None:
    """Decide an action and say why: effect, clauses, amounts, facts and the way there, in plain words."""
    if (booking is None) == (facts_file is None):
        _stop("give either --booking or --facts")
    loaded = _load(pack)
    now = datetime.combine(on.date(), time(12), UTC) if on else datetime.now(UTC)
    if action not in loaded.actions:
        _stop(f"no clause governs '{action}'; known are {', '.join(loaded.actions)}")
    given = _read_facts(facts_file, loaded) if facts_file else asyncio.run(_facts_of(booking or "", loaded, now))
    decision = loaded.decide(action, given, now=now, audience="staff")
    if as_json:
        _print_json(_decision(decision))
    else:
        _tell(decision)


@app.command()
def diff(
    old: Path,
    new: Path,
    size: Annotated[Size, typer.Option(help="Of the embedded airline.")] = "full",
    as_json: Json = False,
) -> None:
    """Which decisions over the embedded airline's bookings change between two packs: count, money, examples."""
    now, before, after = datetime.now(UTC), _load(old), _load(new)
    bookings = list(_bookings(now, size, before.carriers))
    watched = track(bookings, "Deciding", console=Console(stderr=True), transient=True)
    found = compare(before, after, watched, now=now)
    if as_json:
        money = [{"name": n, "currency": c, "minor": minor} for (n, c), minor in sorted(found.money.items()) if minor]
        _print_json(
            {
                "decisions": found.decisions,
                "changed": len(found.changes),
                "by_effect": dict(found.by_effect),
                "money": money,
                "examples": [str(change) for change in found.changes[:_EXAMPLES]],
            }
        )
        return
    _show_comparison(found)


def _folder(pack: Path | None) -> Path:
    return pack or read_settings().policies or default_pack_path()


def _load(pack: Path | None) -> PolicyPack:
    try:
        return load_pack(_folder(pack))
    except PackError as error:
        _stop(str(error), code=1)


def _stop(message: str, code: int = WRONG_USAGE) -> NoReturn:
    typer.secho(f"concierge: {message}", err=True, fg="red")
    raise typer.Exit(code)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value)


def _summary(clause: Clause) -> dict[str, object]:
    return {
        "id": clause.id,
        "version": clause.version,
        "title": clause.title,
        "authority": clause.authority,
        "audience": clause.audience,
        "governs": clause.governs,
        "overrides": clause.overrides,
        "effective": asdict(clause.effective),
        "path": clause.sheet.name,
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "number": rule.number,
        "when": rule.when.text if rule.when else None,
        "effect": rule.effect,
        "amounts": {amount.name: amount.expression.text for amount in rule.amounts},
        "say": rule.say,
    }


def _show(clause: Clause, history: Sequence[Clause]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{clause.label}[/bold]  {clause.title}")
    console.print(
        f"{clause.authority}, for {clause.audience}s; governs {', '.join(clause.governs) or 'nothing by itself'}"
    )
    if clause.overrides:
        console.print(f"overrides {', '.join(clause.overrides)}")
    console.print(f"\n{clause.body}\n", markup=False)
    for name, expression in clause.defines.items():
        console.print(f"{name} is {expression.text}", markup=False, style="dim")
    for rule in clause.rules:
        console.print(
            f"rule {rule.number}: {rule.effect} when {rule.when.text if rule.when else 'always'}", markup=False
        )
        for amount in rule.amounts:
            console.print(f"  {amount.name}: {amount.expression.text}", markup=False)
    for other in history:
        until = f" until {other.effective.until}" if other.effective.until else ""
        console.print(f"version {other.version}: {other.effective.basis} from {other.effective.start}{until}")


def _read_facts(path: Path, pack: PolicyPack) -> dict[str, Value]:
    try:
        raw = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return parse_facts(raw, pack.language.kinds)
    except (OSError, UnicodeDecodeError, YAMLError, CaseError) as error:
        _stop(f"{path}: {' '.join(str(error).split())}")


async def _facts_of(locator: str, pack: PolicyPack, now: datetime) -> dict[str, Value]:
    """The facts of a booking and its flights as the services hold them now."""
    async with AsyncExitStack() as stack:
        service = await _booking_service(read_settings(), stack)
        try:
            booking = await service.get(RecordLocator(locator.upper()), subject=Subject("system"))
            flights = await _operations(service, booking)
        except NotFound:
            _stop(f"there is no booking {locator.upper()}", code=1)
        except ServiceUnavailable as error:
            _stop(f"the {error.service} service cannot be reached", code=1)
    return booking_facts(booking, flights=flights, carriers=pack.carriers, request=_wishes(pack), now=now)


async def _booking_service(settings: Settings, stack: AsyncExitStack) -> BookingService:
    """The booking service that is bound, or that of the embedded airline."""
    from tools.clients.services import connect_services  # noqa: PLC0415 - heavy, and most commands need no service
    from tools.sandbox.app import close_sandbox, create_sandbox  # noqa: PLC0415

    sandbox = None
    if not settings.binding_urls():
        settings.home.mkdir(parents=True, exist_ok=True)
        sandbox = create_sandbox(settings.home / "airline.db", now=_now, size=settings.sandbox_size)
        stack.callback(close_sandbox, sandbox)
    services = connect_services(sandbox or settings.binding_urls(), now=_now, sleep=asyncio.sleep, monotonic=monotonic)
    stack.push_async_callback(services.aclose)
    return services.booking


def _now() -> datetime:
    return datetime.now(UTC)


async def _operations(service: BookingService, booking: Booking) -> list[FlightStatus]:
    found = [await service.flight_status(leg.flight_number, leg.flight_date) for leg in booking.segments]
    return [flight for flights in found for flight in flights[:1]]


def _wishes(pack: PolicyPack) -> dict[str, Value]:
    return {name: value for name, value in _WISHES.items() if name in pack.language.kinds}


def _decision(decision: Decision) -> dict[str, object]:
    used = decision.facts_used
    return {
        **{name: getattr(decision, name) for name in ("action", "effect", "reason", "missing", "trace", "say")},
        **{name: getattr(decision, name) for name in ("approver", "waivable_by", "on_statement")},
        "clauses": [asdict(ref) for ref in decision.clauses],
        "amounts": [asdict(amount) for amount in decision.amounts],
        "grants": [asdict(grant) for grant in decision.grants],
        "facts_used": {name: render_fact(name, value, used) for name, value in used.items()},
    }


def _tell(decision: Decision) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{decision.action}: {decision.effect}[/bold] ({decision.reason})")
    console.print(decision.say, markup=False)
    for ref in decision.clauses:
        console.print(f"by {ref.clause_id} version {ref.version}: {ref.title}", markup=False)
    for amount in decision.amounts:
        console.print(f"{amount.name}: {render_money(amount.minor, amount.currency)}")
    for name in decision.missing:
        console.print(f"missing: {name}, {FACTS[name].meaning if name in FACTS else ''}")
    for name, value in decision.facts_used.items():
        console.print(f"  {name} = {render_fact(name, value, decision.facts_used)}", style="dim", markup=False)
    for line in decision.trace:
        console.print(f"  {line}", style="dim", markup=False)


def _bookings(now: datetime, size: Size, carriers: Mapping[str, Carrier]) -> Iterator[tuple[str, dict[str, Value]]]:
    """The facts of every booking of a freshly generated embedded airline."""
    from tools.sandbox.app import generate  # noqa: PLC0415 - heavy, and most commands need no airline

    store = Store(":memory:")
    try:
        generate(store, now=now, size=size, seed=_SEED)
        flights = {operation_id(f.flight_number, f.flight_date): f for f in store.all(FLIGHTS)}
        for booking in store.all(BOOKINGS):
            operated = [operation_id(leg.flight_number, leg.flight_date) for leg in booking.segments]
            known = [flights[name] for name in operated if name in flights]
            yield (
                booking.record_locator,
                booking_facts(booking, flights=known, carriers=carriers, request=_WISHES, now=now),
            )
    finally:
        store.close()


def _show_comparison(found: Comparison) -> None:
    typer.echo(f"{len(found.changes)} of {found.decisions} decisions change")
    for change, count in found.by_effect.items():
        typer.echo(f"  {change}: {count}")
    for (name, currency), minor in sorted(found.money.items()):
        if minor:
            typer.echo(f"  {name}: {'+' if minor > 0 else '-'}{render_money(abs(minor), currency)}")
    for example in found.changes[:_EXAMPLES]:
        typer.echo(f"  {example}")
