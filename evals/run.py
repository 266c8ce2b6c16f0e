"""Runs suites: sets the stage once, hands each suite to Inspect, keeps logs, takes up where a killed run stopped."""

import asyncio
import contextlib
import io
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_async
from inspect_ai.log import EvalLog, list_eval_logs, read_eval_log_async

from agent.embedded.build import build_embedded_model
from agent.settings import Settings
from evals.agents import scripted
from evals.asking import open_remote
from evals.customer import MakeCustomer
from evals.improvising import improvised
from evals.judging import Judge
from evals.questions import Parts
from evals.results import FILE, SCRIPTED, SELF_TEST, SuiteResult
from evals.samples import result_of
from evals.stage import NOON, Props, StagePool, open_pool, open_stage, set_up
from evals.suites import SUITES, Suite
from evals.target import Target, unproved
from evals.tasks import Prepared, conversations, on_stage, questions
from knowledge.embeddings import Embedder
from knowledge.pack import PolicyPack, default_pack_path, load_pack
from tools.domain.errors import SettingsError
from tools.tool import Tool

_MODEL = "none/none"
"""Inspect is given no model: ours speaks inside the platform."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """agents: who is examined, each over every suite; see evals/agents.py. data: files instead of the suites' own.

    target: the URL of a running Concierge to talk with instead. customer_model: who speaks to the agent, instead
    of the scripted customer, in the suites that can be improvised; never to the floor or the oracle.
    """

    suites: Sequence[str]
    out: Path
    agents: Sequence[str] = ("embedded",)
    data: Sequence[Path] = ()
    trials: int = 1
    more_trials: Mapping[str, int] = field(default_factory=dict)
    """By suite, where one is not enough."""
    parallel: int = 1
    settings: Settings = field(default_factory=Settings)
    target: str | None = None
    customer_model: str | None = None
    judge_model: str | None = None
    """Grades tone and helpfulness of conversations beside the scores; not of the self-tests."""
    pack: PolicyPack | None = None
    embedder: Embedder | None = None
    props: Props | None = None
    """A stage that is set up already."""
    tell: Callable[[str], None] = print


async def run(plan: Plan) -> list[SuiteResult]:
    """Raises LookupError for a suite that is not known, OSError for data that cannot be read, SettingsError."""
    os.environ.setdefault("INSPECT_DISPLAY", "rich" if sys.stderr.isatty() else "none")
    _begin(plan.out)
    suites = [SUITES[name] for name in plan.suites]
    async with AsyncExitStack() as stack:
        customer, judge = await _customer(plan, stack), await _judge(plan, stack)
        if plan.target:
            talks = [suite for suite in suites if suite.talks]
            return await _run_target(plan, Target(plan.target, make_customer=customer or unproved), talks, judge)
        props = plan.props or await set_up(plan.settings, pack=plan.pack, embedder=plan.embedder)
        played = replace(props, make_customer=customer) if customer else props
        results: list[SuiteResult] = []
        for agent in plan.agents:
            if agent in SELF_TEST:
                results += await _run_agent(plan, agent, suites, props, None)
            else:
                results += await _run_agent(plan, agent, suites, played, judge)
        return results


async def _customer(plan: Plan, stack: AsyncExitStack) -> MakeCustomer | None:
    """None: scripted. Raises SettingsError."""
    if plan.customer_model is None:
        return None
    if fixed := [name for name in plan.suites if not SUITES[name].improvised]:
        raise SettingsError(f"the customers of {', '.join(fixed)} are scripted: only their lines show what is examined")
    model = await stack.enter_async_context(open_remote(plan.customer_model, plan.settings))
    today = (lambda: datetime.now(UTC).date()) if plan.target else NOON.date
    return improvised(model, today)


async def _judge(plan: Plan, stack: AsyncExitStack) -> Judge | None:
    """Raises SettingsError."""
    if plan.judge_model is None:
        return None
    return Judge(model=await stack.enter_async_context(open_remote(plan.judge_model, plan.settings)))


def _begin(out: Path) -> None:
    """A run that was stopped goes on; one that had finished is begun anew."""
    out.mkdir(parents=True, exist_ok=True)
    if (out / FILE).exists():
        (out / FILE).unlink()
        shutil.rmtree(out / "logs", ignore_errors=True)


async def _run_target(plan: Plan, target: Target, suites: Sequence[Suite], judge: Judge | None) -> list[SuiteResult]:
    results = []
    try:
        for suite in suites:
            prepared = conversations(suite, plan.data, target.play, trials=plan.trials, judge=judge)
            results.append(await _examine(plan, suite, "target", prepared))
            plan.tell(_line(results[-1]))
    finally:
        await target.close()
    return results


async def _run_agent(
    plan: Plan, agent: str, suites: Sequence[Suite], props: Props, judge: Judge | None
) -> list[SuiteResult]:
    """A scripted attacker plays only where it is meant to fail."""
    wanted = [suite for suite in suites if suite.unaided or agent != "obedient"]
    results = []
    async with AsyncExitStack() as stack:
        pool: StagePool | None = None
        parts: Parts | None = None
        for suite in wanted:
            if suite.talks:
                if pool is None:
                    pool = await stack.enter_async_context(open_pool(_playing(props, agent), plan.parallel))
                trials = _trials(plan, suite, agent)
                prepared = conversations(suite, plan.data, on_stage(pool, agent), trials=trials, judge=judge)
            else:
                parts = parts or await _parts(props, stack, idle=agent in SELF_TEST)
                prepared = questions(suite, plan.data, parts, agent=agent)
            results.append(await _examine(plan, suite, agent, prepared))
            plan.tell(_line(results[-1]))
    return results


def _trials(plan: Plan, suite: Suite, agent: str) -> int:
    return 1 if agent in SELF_TEST else max(plan.trials, plan.more_trials.get(suite.name, 1))


def _playing(props: Props, agent: str) -> Props:
    """The stage with the model that is examined on it."""
    make_model = scripted(agent)
    if make_model:
        return replace(props, make_model=make_model)
    if agent == "embedded":
        return props
    return replace(props, settings=props.settings.model_copy(update={"model": agent}))


async def _parts(props: Props, stack: AsyncExitStack, *, idle: bool) -> Parts:
    """The parts that single questions are put to: those of a platform, and the embedded model itself. idle: no
    question will be put to them."""
    pack = props.pack or load_pack(props.settings.policies or default_pack_path())
    if idle:
        return Parts(pack=pack, knowledge=_nobody, model=_nobody, tools=())
    platform = (await stack.enter_async_context(open_stage(props))).platform
    cache = props.seed / "intents"
    return Parts(
        pack=pack,
        knowledge=lambda: platform.knowledge,
        model=lambda: build_embedded_model(props.embedder, cache_dir=cache, today=NOON.date),
        tools=[_schema(tool) for tool in platform.executor.tools.values() if tool.for_models],
    )


def _nobody() -> Any:
    raise LookupError("a self-test asks nobody")


def _schema(tool: Tool) -> dict[str, Any]:
    parameters = tool.arguments.model_json_schema()
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}


async def _examine(plan: Plan, suite: Suite, agent: str, prepared: Prepared) -> SuiteResult:
    customer = SCRIPTED if plan.customer_model is None or agent in SELF_TEST else plan.customer_model
    name = f"{suite.name}@{agent}-{prepared.digest}-{customer}-{plan.judge_model or 'unjudged'}"
    folder = plan.out / "logs" / re.sub(r"[^\w.@-]+", "-", name)
    log = await _finished(folder) or await _run_task(prepared.task, folder, plan.parallel)
    held = suite.unaided if agent == "obedient" else ()
    return result_of(
        log,
        suite=suite.name,
        agent=agent,
        digest=prepared.digest,
        unscored=prepared.unscored,
        held=held,
        customer=customer,
    )


async def _run_task(task: Task, folder: Path, parallel: int) -> EvalLog:
    begun = next(iter(await _logs(folder)), None)
    with contextlib.redirect_stdout(sys.stdout if sys.stderr.isatty() else io.StringIO()):
        logs = await eval_async(
            _again(begun, task) if begun else task,
            model=_MODEL,
            log_dir=str(folder),
            max_samples=parallel,
            fail_on_error=False,
            log_buffer=10,
            log_realtime=False,
            log_model_api=False,
        )
    return await read_eval_log_async(logs[0].location) if logs[0].samples is None else logs[0]


async def _finished(folder: Path) -> EvalLog | None:
    return next((log for log in await _logs(folder) if log.status == "success"), None)


async def _logs(folder: Path) -> list[EvalLog]:
    """Newest first."""
    return [await read_eval_log_async(info.name) for info in list_eval_logs(str(folder))]


def _again(begun: EvalLog, task: Task) -> Any:
    """The task with the samples that a stopped run has finished already."""
    from inspect_ai._eval.task.task import PreviousTask  # noqa: PLC0415 - how eval_retry resumes; it has no other name

    return PreviousTask(
        id=begun.eval.task_id,
        task=task,
        task_args={},
        model=None,
        model_roles=None,
        sandbox=None,
        log=begun,
        log_info=None,
    )


def _line(result: SuiteResult) -> str:
    sums = result.sums()
    rest = ", ".join(f"{sums[name]} {name}" for name in ("crashed", "unscored") if sums[name])
    speed = f"; {sums['turn_ms']} ms a turn" if sums["turn_ms"] else ""
    return f"{result.name}: {result.rate()}{f' ({rest})' if rest else ''}{speed}"


def run_sync(plan: Plan) -> list[SuiteResult]:
    return asyncio.run(run(plan))
