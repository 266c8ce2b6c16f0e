"""A run is Inspect's: logs that its viewer opens, crashes apart, and a stopped run that goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log_async

from evals.cases import Dialogue
from evals.play import play
from evals.record import Record
from evals.results import save
from evals.run import Plan, run
from evals.stage import Props, Stage

pytestmark = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings(
        # Inspect leaves a stream of its progress display open
        "ignore:Exception ignored in. <function MemoryObject:pytest.PytestUnraisableExceptionWarning"
    ),
]

TWO = """{"id": "a", "turns": ["hello"], "must_say": ["sorry"]}
{"id": "b", "turns": ["bye"], "must_say": ["never"]}
broken
"""


@pytest.fixture
def plan(props: Props, tmp_path: Path) -> Plan:
    data = tmp_path / "own.jsonl"
    data.write_text(TWO + '{"id": "c", "turns": ["nothing to score"]}\n')
    return Plan(suites=["selfservice"], out=tmp_path / "out", props=props, data=[data], trials=2, tell=lambda _: None)


async def test_what_passed_what_failed_and_what_could_not_be_scored(plan: Plan) -> None:
    (found,) = await run(plan)
    assert found.by_case() == {"a": [True, True], "b": [False, False]}
    assert found.not_scored == 2
    assert found.sums()["blame"] == {"agent": 2}


async def test_the_logs_are_inspects_with_the_conversation_as_messages(plan: Plan) -> None:
    await run(plan)
    (info,) = list_eval_logs(str(plan.out / "logs"))
    log = await read_eval_log_async(info.name)
    assert log.status == "success"
    samples = log.samples or []
    assert [message.role for message in samples[0].messages] == ["user", "assistant"]
    assert {score for sample in samples for score in sample.scores or {}} == {"end_state", "forbidden", "said", "cited"}


async def test_a_case_that_crashes_is_counted_apart(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    played = play

    async def crash(stage: Stage, dialogue: Dialogue) -> Record:
        if dialogue.id == "b":
            raise RuntimeError("boom")
        return await played(stage, dialogue)

    monkeypatch.setattr("evals.tasks.play", crash)
    (found,) = await run(plan)
    assert [outcome.id for outcome in found.crashed] == ["b", "b"]
    assert found.crashed[0].blame == "environment"


async def test_a_stopped_run_goes_on_and_a_finished_one_begins_anew(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await run(plan)
    played: list[str] = []
    real = play

    async def noting(stage: Stage, dialogue: Dialogue) -> Record:
        played.append(dialogue.id)
        return await real(stage, dialogue)

    monkeypatch.setattr("evals.tasks.play", noting)
    assert (await run(replace(plan)))[0].by_case() == first[0].by_case()
    assert played == []
    save(plan.out, first, {})
    await run(plan)
    assert len(played) == 6
