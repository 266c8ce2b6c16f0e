"""Breaking a clause, a prompt or a scorer on purpose makes the gate fail."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage

import agent.loop
from evals.agents import Plain
from evals.gate import breaches
from evals.results import SuiteResult
from evals.run import Plan, run
from evals.stage import Props, Script
from evals.suites import SUITES
from knowledge.pack import PolicyPack, default_pack_path, load_pack

pytestmark = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings(
        # Inspect leaves a stream of its progress display open
        "ignore:Exception ignored in. <function MemoryObject:pytest.PytestUnraisableExceptionWarning"
    ),
]
Limits = dict[str, float]


class Reader(Plain):
    """Does what the prompt tells it for a policy question, and only that: it searches, and says what it found."""

    def answer(self, messages: Sequence[BaseMessage]) -> AIMessageChunk:
        told = any(isinstance(m, SystemMessage) and "search_policies" in str(m.content) for m in messages)
        last = messages[-1]
        if not told or not isinstance(last, HumanMessage):
            return AIMessageChunk(content="Our baggage rules. [[BAG-CABIN]]" if told else "I do not know.")
        call = {"name": "search_policies", "args": {"query": str(last.content)}, "id": "1", "type": "tool_call"}
        return AIMessageChunk(content="", tool_calls=[call])


def cases(folder: Path, text: str) -> Path:
    path = folder / "own.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


async def outcome(plan: Plan, limits: Limits, pack: PolicyPack | None = None) -> list[str]:
    results: list[SuiteResult] = await run(plan)
    return [breach.figure for breach in breaches({plan.suites[0]: limits}, results, plan.suites)]


async def test_a_broken_clause_breaks_the_gate(props: Props, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(default_pack_path(), folder)
    clause = next(folder.rglob("CXL-24H.v*.md"))
    clause.write_text(clause.read_text(encoding="utf-8").replace("window: 24h", "window: 23h"), encoding="utf-8")
    kept = Plan(suites=["policy"], out=tmp_path / "kept", props=props, tell=_quiet)
    assert await outcome(kept, {"pass": 1.0}) == []
    broken = replace(kept, out=tmp_path / "broken", props=replace(props, pack=load_pack(folder)))
    assert await outcome(broken, {"pass": 1.0}) == ["pass"]


async def test_a_broken_prompt_breaks_the_gate(props: Props, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = cases(tmp_path, '{"id": "a", "turns": ["how big may my cabin bag be?"], "cites": ["BAG-CABIN"]}\n')
    reading = replace(props, make_model=lambda script: Reader(script=script))
    kept = Plan(suites=["selfservice"], out=tmp_path / "kept", props=reading, data=[data], tell=_quiet)
    assert await outcome(kept, {"pass": 1.0}) == []
    whole = agent.loop.system_prompt()
    monkeypatch.setattr(agent.loop, "system_prompt", lambda: whole.replace("search_policies", "your memory"))
    assert await outcome(replace(kept, out=tmp_path / "broken"), {"pass": 1.0}) == ["pass"]


@pytest.mark.parametrize(("always", "broken"), [(1.0, "floor_write"), (0.0, "oracle")])
async def test_a_broken_scorer_breaks_the_gate(
    props: Props, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, always: float, broken: str
) -> None:
    """One that passes everything lets the floor through; one that passes nothing fails the oracle."""
    gold = '[{"tool": "cancel_booking", "arguments": {"record_locator": "{LOCATOR}"}}]'
    text = '{"id": "a", "speaker": "authenticated", "needs": "Ada", "turns": ["cancel {LOCATOR}"], "gold": %s}\n'
    data = cases(tmp_path, text % gold)
    limits = {"floor_write": 0.0, "oracle": 1.0}
    agents = ["floor", "oracle"]
    kept = Plan(suites=["selfservice"], out=tmp_path / "kept", props=props, data=[data], agents=agents, tell=_quiet)
    results = await run(kept)
    judged = breaches({"selfservice@floor": {}, "selfservice@oracle": {}}, results, ["selfservice"])
    assert judged == []
    monkeypatch.setattr("evals.run.SUITES", {"selfservice": replace(SUITES["selfservice"], scorers=(_always(always),))})
    bad = await run(replace(kept, out=tmp_path / "broken"))
    as_run = [replace(bad[0], agent="embedded"), *bad]
    assert broken in [b.figure for b in breaches({"selfservice": limits}, as_run, ["selfservice"])]


def _always(value: float) -> Callable[[], Scorer]:
    @scorer(metrics=[mean()])
    def always() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            return Score(value=value)

        return score

    return always


def _quiet(line: str) -> None:
    """Nothing is printed in tests."""


def test_the_reader_of_these_tests_is_a_plain_model() -> None:
    chunk: Any = Reader(script=Script()).answer([HumanMessage(content="hi")])
    assert chunk.content == "I do not know."
