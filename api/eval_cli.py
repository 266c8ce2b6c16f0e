"""`concierge eval list | run | compare | report | harvest | judge | tau`"""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.settings import read_settings
from evals.agreement import FILE as JUDGE_FILE
from evals.agreement import Agreement, measure
from evals.asking import SEED
from evals.cases import suite_files
from evals.gate import GATE, Breach, breaches, read_gate
from evals.harvest import harvest as harvest_from
from evals.junit import write_junit
from evals.numbers import Paired
from evals.report import write_report
from evals.results import SCRIPTED, SELF_TEST, SuiteResult, save
from evals.run import Plan
from evals.run import run as run_plan
from evals.suites import SUITES
from evals.summary import compare_runs, read_summary, write_summary
from evals.tau.exam import NoExam
from evals.tau.exam import report_lines as tau_lines
from evals.tau.exam import sit as sit_tau

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Run = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of a run.")]


@app.callback()
def evals() -> None:
    """Evals that decide what ships."""


@app.command("list")
def list_suites(*, as_json: Json = False) -> None:
    """Every suite, what it examines and the files of its cases."""
    rows = [
        {"suite": s.name, "summary": s.summary, "files": [path.name for path in suite_files(s.name)]}
        for s in SUITES.values()
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("suite", "examines", "files", box=None)
    for row in rows:
        table.add_row(str(row["suite"]), str(row["summary"]), ", ".join(row["files"]))
    Console().print(table)


@app.command()
def run(
    suites: Annotated[list[str] | None, typer.Argument(metavar="SUITE...", help="Which; all if not given.")] = None,
    *,
    data: Annotated[list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Cases of your own.")] = None,
    trials: Annotated[int, typer.Option(min=1, max=50, help="Trials a case.")] = 1,
    model: Annotated[
        list[str] | None, typer.Option(help="embedded, obedient, floor, oracle, azure:<deployment>, openai:<model>.")
    ] = None,
    self_test: Annotated[bool, typer.Option(help="Also the floor and the oracle of every suite.")] = False,
    customer_model: Annotated[
        str | None, typer.Option(help="A model that plays the customer of selfservice and handoff; never with --gate.")
    ] = None,
    judge_model: Annotated[
        str | None, typer.Option(help="A model that grades tone and helpfulness beside the scores.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="A running Concierge (URL) instead of one in process.")] = None,
    gate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Thresholds; else exit 1.")] = None,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Folder; a stopped run in it goes on.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Cases at once; of use with a remote model.")] = 1,
    as_json: Json = False,
) -> None:
    """Run suites, and write results.json, junit.xml and report.html beside Inspect's logs (`inspect view`)."""
    names = suites or list(SUITES)
    if unknown := [name for name in names if name not in SUITES]:
        raise typer.BadParameter(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}", param_hint="SUITE")
    if data and len(names) != 1:
        raise typer.BadParameter("name the one suite that reads it", param_hint="--data")
    if customer_model and gate:
        raise typer.BadParameter("a gate is kept with the scripted customers alone", param_hint="--customer-model")
    _check_gate(gate)
    settings = read_settings()
    plan = Plan(
        suites=names,
        out=out or settings.home / "evals" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}",
        agents=[*(model or ["embedded"]), *(SELF_TEST if self_test else ())],
        data=data or (),
        trials=trials,
        parallel=parallel,
        settings=settings,
        target=target,
        customer_model=customer_model,
        judge_model=judge_model,
        tell=(lambda _: None) if as_json else typer.echo,
    )
    _carry_out(plan, gate, as_json=as_json)


@app.command("gate")
def offline_gate(
    *,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Folder; a stopped run in it goes on.")] = None,
    as_json: Json = False,
) -> None:
    """Every suite offline: the embedded model, a scripted attacker, the self-tests, against evals/gate.yaml."""
    settings = read_settings()
    plan = Plan(
        suites=list(SUITES),
        out=out or settings.home / "evals" / "gate",
        agents=["embedded", "obedient", *SELF_TEST],
        more_trials={name: int(figures.get("trials", 1)) for name, figures in read_gate(GATE).items()},
        settings=settings,
        tell=(lambda _: None) if as_json else typer.echo,
    )
    _carry_out(plan, GATE, as_json=as_json)


def _check_gate(gate: Path | None) -> None:
    try:
        read_gate(gate or GATE)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--gate") from error


def _carry_out(plan: Plan, gate: Path | None, *, as_json: bool) -> None:
    """Exits 1 when the gate is broken."""
    results = asyncio.run(run_plan(plan))
    agreed = asyncio.run(measure(plan.judge_model, plan.settings)) if plan.judge_model else None
    found = breaches(read_gate(gate), results, plan.suites) if gate else None
    _write(plan.out, results, found, plan, agreed)
    _tell(plan.out, results, found, as_json=as_json)
    raise typer.Exit(1 if found else 0)


def _write(
    folder: Path, results: list[SuiteResult], found: list[Breach] | None, plan: Plan, agreed: Agreement | None
) -> None:
    about = {
        "title": "Concierge evals",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "models": ", ".join(plan.agents),
        "customers": plan.customer_model or SCRIPTED,
        "not seeded": _unseeded(plan),
        **({"judge": str(agreed)} if agreed else {}),
        "breaches": None if found is None else [str(breach) for breach in found],
    }
    save(folder, results, about)
    if agreed:
        (folder / JUDGE_FILE).write_text(json.dumps(agreed.to_json(), ensure_ascii=False), encoding="utf-8")
    write_summary(folder, results, about)
    write_junit(folder, results, found or [])
    write_report(folder)


def _unseeded(plan: Plan) -> str:
    said = "ids, one-time codes, and what a remote model says"
    return f"{said}; the customers' words (temperature 0, seed {SEED} sent)" if plan.customer_model else said


def _tell(folder: Path, results: list[SuiteResult], found: list[Breach] | None, *, as_json: bool) -> None:
    if as_json:
        body = {
            "folder": str(folder),
            "suites": [result.sums() for result in results],
            "breaches": None if found is None else [asdict(breach) for breach in found],
        }
        typer.echo(json.dumps(body))
        return
    typer.echo(f"report: {folder / 'report.html'}    logs: inspect view --log-dir {folder / 'logs'}")
    for breach in found or ():
        typer.secho(f"gate: {breach}", fg="red")
    if found == []:
        typer.secho("gate: kept", fg="green")


@app.command()
def compare(a: Run, b: Run, *, as_json: Json = False) -> None:
    """B against A, case by case: cases only one of them passes, McNemar's exact p, the difference with its interval."""
    pairs = compare_runs(read_summary(a), read_summary(b))
    if as_json:
        typer.echo(json.dumps({name: asdict(paired) for name, paired in pairs.items()}))
        return
    for name, paired in pairs.items():
        typer.echo(f"{name}: {_compared(paired)}")


def _compared(paired: Paired) -> str:
    return (
        f"{paired.cases} cases in both, {paired.only_a} only in A, {paired.only_b} only in B, "
        f"p = {paired.p:.3f}, difference {paired.difference}"
    )


@app.command()
def report(folder: Run) -> None:
    """Write the HTML report of a run again."""
    typer.echo(write_report(folder))


@app.command()
def harvest(
    *, out: Annotated[Path | None, typer.Option(dir_okay=False, help="A file; standard output if not given.")] = None
) -> None:
    """Staff verdicts, thumbs and hand-offs as candidate cases, redacted, for a person to accept."""
    lines = [json.dumps(case, ensure_ascii=False) for case in asyncio.run(harvest_from(read_settings()))]
    if out is None:
        typer.echo("\n".join(lines))
        return
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    typer.echo(f"{len(lines)} candidates in {out}; none is a case before a person accepts it")


@app.command()
def judge(
    *,
    judge_model: Annotated[str, typer.Option(help="azure:<deployment> or openai:<model>.")],
    data: Annotated[list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Replies you labelled.")] = None,
    as_json: Json = False,
) -> None:
    """How far a judge model agrees with people on the tone and helpfulness of labelled replies. Exit code 1 when it
    graded none."""
    agreed = asyncio.run(measure(judge_model, read_settings(), data or ()))
    if as_json:
        typer.echo(json.dumps(agreed.to_json()))
    else:
        for line in (*map(str, agreed.aspects), *(f"  differs: {one}" for one in agreed.differing)):
            typer.echo(line)
        for one in agreed.unscored:
            typer.echo(f"  unscored: {one.where}: {one.reason}")
    raise typer.Exit(0 if agreed.compared else 1)


@app.command()
def tau(
    *,
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The airline domain's folder.")],
    tasks: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Other tasks.")] = None,
    forbidden: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Other forbidden writes.")] = None,
    as_json: Json = False,
) -> None:
    """The external exam: gold writes that our gate would wrongly refuse, forbidden ones it would wrongly allow.

    Our agent in the benchmark's own runner, with any model: python -m evals.tau.runner; see evals/tau/README.md.
    """
    try:
        result = sit_tau(data, tasks=tasks, forbidden=forbidden)
    except NoExam as error:
        raise typer.BadParameter(str(error), param_hint="--data") from error
    typer.echo(json.dumps(asdict(result)) if as_json else "\n".join(tau_lines(result)))
    raise typer.Exit(0 if result.passed else 1)
