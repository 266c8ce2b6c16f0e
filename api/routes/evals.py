"""Runs of evals for evaluators: what they came to, two side by side, and a way to the report of one."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import Forbidden
from api.envelope import REPORTS
from api.openapi import SPEAKING, may_answer
from api.reports import Evals
from api.routes.speaking import SignedIn, Speaking
from api.tickets import SECONDS
from tools.context import Speaker

router = APIRouter(tags=["evals"])
_NO_RUN = "There is no such run, or it did not end."
RunId = Annotated[str, Field(min_length=1, max_length=100)]
Interval = tuple[float, float]
Verdict = Literal["better", "worse", "alike"]


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ShownSuite(Shown):
    """`passed`: the share of all trials; `interval`: its 95 %. Crashed and unscored trials are counted apart."""

    name: str
    suite: str
    agent: str
    cases: int
    trials: int
    passed: float | None
    interval: Interval
    failed: int
    crashed: int
    unscored: int
    turn_ms: float | None
    model_calls: int
    tokens: int


class ShownRun(Shown):
    """`report`: whether there is one to open."""

    id: str
    at: datetime
    state: Literal["ended", "unfinished", "broken"]
    note: str
    models: str
    customers: str
    trials: int
    gate: Literal["kept", "broken", "none"]
    breaches: tuple[str, ...]
    suites: tuple[ShownSuite, ...]
    report: bool


class ShownPoint(Shown):
    run_id: str
    at: datetime
    passed: float | None
    interval: Interval
    other_cases: bool


class ShownChange(Shown):
    """`p`: McNemar's exact test over the cases that both runs have."""

    since: str
    cases: int
    won: int
    lost: int
    p: float
    verdict: Verdict


class ShownTrend(Shown):
    """Points oldest first."""

    name: str
    points: tuple[ShownPoint, ...]
    change: ShownChange | None


class ShownRuns(Shown):
    """Newest first; `older`: how many more there are than are shown."""

    runs: tuple[ShownRun, ...]
    trends: tuple[ShownTrend, ...]
    older: int


class ShownSuitePair(Shown):
    """B against A over the cases both have. `won`: those only B passed; `lost`: those only A did."""

    name: str
    cases: int
    a: float | None
    b: float | None
    difference: float
    interval: Interval
    p: float
    verdict: Verdict
    won: tuple[str, ...]
    lost: tuple[str, ...]
    other_cases: bool


class ShownPair(Shown):
    """What `concierge eval compare A B` tells. `only_a`, `only_b`: suites that only one of them ran."""

    a: str
    b: str
    suites: tuple[ShownSuitePair, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


class Ticket(BaseModel):
    """`address` shows the report once, within `seconds`."""

    address: str
    seconds: int


def _evals(request: Request) -> Evals:
    evals: Evals = request.app.state.evals
    return evals


def _evaluating(speaker: SignedIn) -> Speaker:
    if not speaker.roles & {"evaluator", "supervisor"}:
        raise Forbidden("Reports of evals are for evaluators and supervisors.")
    return speaker


EvalsOf = Annotated[Evals, Depends(_evals)]


@router.get("/v1/evals/runs", dependencies=[Depends(_evaluating)], responses=SPEAKING | may_answer(403))
def list_runs(evals: EvalsOf) -> ShownRuns:
    """Those in the home of this server, also unfinished and broken ones, and how each suite went over them."""
    return ShownRuns.model_validate(evals.library.runs())


@router.get("/v1/evals/comparison", dependencies=[Depends(_evaluating)], responses=SPEAKING | may_answer(403, 404))
def compare_runs(evals: EvalsOf, a: RunId, b: RunId) -> ShownPair:
    """B against A, case by case."""
    found = evals.library.compare(a, b)
    if found is None:
        raise HTTPException(404, _NO_RUN)
    return ShownPair.model_validate(found)


@router.post(
    "/v1/evals/runs/{run_id}/ticket",
    status_code=201,
    dependencies=[Depends(_evaluating)],
    responses=SPEAKING | may_answer(403, 404),
)
def issue_ticket(evals: EvalsOf, run_id: RunId) -> Ticket:
    """For the frame that shows the report: a frame sends no Authorization header."""
    if evals.library.report(run_id) is None:
        raise HTTPException(404, "This run has no report; `concierge eval report` with its folder writes one.")
    return Ticket(address=f"{REPORTS}{evals.tickets.issue(run_id)}", seconds=SECONDS)


@router.get(REPORTS + "{ticket}", response_class=HTMLResponse, responses=SPEAKING | may_answer(404))
def show_report(evals: EvalsOf, _: Speaking, ticket: str) -> FileResponse:
    """The report, in a sandbox of its own: what it quotes was written by customers, models and attackers."""
    run_id = evals.tickets.redeem(ticket)
    report = evals.library.report(run_id) if run_id else None
    if report is None:
        raise HTTPException(404, "This address of a report was used already, or is too old. Open the report again.")
    return FileResponse(report, media_type="text/html")
