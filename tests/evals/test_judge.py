"""A judge model over a real chat-completions server: told beside the scores, measured against people, in no gate."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from agent.settings import Settings
from api.eval_cli import app
from evals.agreement import Agreed, Agreement, kappa, measure
from evals.cases import Unscored, read_files, suite_files
from evals.gate import read_gate
from evals.intervals import Share
from evals.judged import judged_sums
from evals.numbers import Estimate
from evals.report import report_html
from evals.results import SuiteResult, save
from evals.run import Plan, run
from evals.stage import Props
from tests.agent.misbehaving import Act, Body, fails, says, serving

LABELLED = read_files(suite_files("judge")).rows
pytestmark = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings(
        # Inspect leaves a stream of its progress display open
        "ignore:Exception ignored in. <function MemoryObject:pytest.PytestUnraisableExceptionWarning"
    ),
]


def verdict(tone: str, helpfulness: str) -> Act:
    return says(json.dumps({"tone": tone, "helpfulness": helpfulness, "why": "because"}))


def settings(url: str, **more: Any) -> Settings:
    return Settings(openai_base_url=url, openai_api_key=SecretStr("k"), **more)


def label(body: Body) -> Mapping[str, Any]:
    """The labelled reply that is asked about."""
    asked = str(body["messages"][-1]["content"])
    return next(row for row in LABELLED if str(row["reply"]) in asked)


def test_the_labelled_replies_say_why_and_hold_good_and_bad_of_both() -> None:
    assert len(LABELLED) == 40
    assert all(row["reason"] and row["customer"] for row in LABELLED)
    pairs = [(row["tone"], row["helpfulness"]) for row in LABELLED]
    assert {pair: pairs.count(pair) for pair in set(pairs)} == {
        ("good", "good"): 14, ("good", "bad"): 10, ("bad", "good"): 10, ("bad", "bad"): 6,
    }  # fmt: skip


async def test_a_judge_of_one_mind_with_people_agrees_on_all() -> None:
    agree: Callable[[Body], Act] = lambda body: verdict(label(body)["tone"], label(body)["helpfulness"])  # noqa: E731
    async with serving(*[agree] * 40) as server:
        found = await measure("openai:judge", settings(server.url))
    assert [(one.aspect, one.same.successes, one.kappa.value) for one in found.aspects] == [
        ("tone", 40, 1.0),
        ("helpfulness", 40, 1.0),
    ]
    assert (found.calls, found.tokens, found.differing, found.unscored) == (40, 40 * 1240, (), ())
    assert server.requests[0]["temperature"] == 0


async def test_a_judge_that_likes_everything_agrees_by_chance_alone() -> None:
    async with serving(*[verdict("good", "good")] * 40) as server:
        found = await measure("openai:judge", settings(server.url))
    assert [(one.same.successes, one.kappa.value) for one in found.aspects] == [(24, 0.0), (24, 0.0)]
    assert len(found.differing) == 32
    assert "tone 0" not in str(found)
    assert "kappa 0.000" in str(found)


async def test_a_judge_that_fails_is_unscored(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    rows = [{"id": name, "customer": "hi", "reply": "hello", "tone": "good", "helpfulness": "good"} for name in "abc"]
    own.write_text("\n".join(map(json.dumps, [*rows, {"id": "d", "reply": "x", "tone": "nice"}])))
    script = [fails(500), fails(500), says('{"tone": "lovely"}'), says("good"), verdict("good", "bad")]
    async with serving(*script) as server:
        found = await measure("openai:judge", settings(server.url), [own])
    assert [one.where for one in found.unscored] == ["a", "b", "d"]
    assert [one.same.trials for one in found.aspects] == [1, 1]
    assert found.calls == 5


async def test_nothing_compared_is_null_in_json(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("")
    async with serving() as server:
        found = await measure("openai:judge", settings(server.url), [tmp_path / "none.jsonl"])
    assert found.to_json()["aspects"]["tone"] == {"same": None, "interval": None, "kappa": None}
    assert not found.compared


def test_kappa_is_cohens() -> None:
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = kappa(pairs)
    assert found.value == pytest.approx(0.4)
    assert found.low < 0.4 < found.high
    assert kappa([(True, True)] * 3).value == 0.0


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_prints_the_agreement(monkeypatch: pytest.MonkeyPatch, as_json: bool) -> None:
    same = Agreed(aspect="tone", same=Share(successes=38, trials=40), kappa=Estimate(value=0.9, low=0.7, high=1.0))
    unread = Unscored(where="d-judge-01", reason="the model failed: broken")

    async def measured(*given: object) -> Agreement:
        return Agreement(
            judge="openai:judge",
            aspects=(same,),
            differing=("x tone: bad by people",),
            unscored=(unread,),
            calls=1,
            tokens=2,
        )

    monkeypatch.setattr("api.eval_cli.measure", measured)
    answer = CliRunner().invoke(app, ["judge", "--judge-model", "openai:judge", *(["--json"] if as_json else [])])
    assert answer.exit_code == 0
    if as_json:
        assert json.loads(answer.output)["aspects"]["tone"]["kappa"]["value"] == 0.9
    else:
        assert answer.output.splitlines()[0] == "tone: 38/40 = 0.950 [0.835, 0.986], kappa 0.900 [0.700, 1.000]"
        assert "d-judge-01: the model failed" in answer.output


async def judged(props: Props, folder: Path, script: Sequence[Act]) -> SuiteResult:
    data = folder / "own.jsonl"
    data.write_text('{"id": "a", "turns": ["hello"], "must_say": ["sorry"]}\n')
    async with serving(*script) as server:
        asked = settings(server.url, home=folder)
        plan = Plan(
            suites=["selfservice"],
            out=folder / "out",
            props=replace(props, settings=asked),
            settings=asked,
            data=[data],
            judge_model="openai:judge",
            tell=lambda _: None,
        )
        (found,) = await run(plan)
    return found


async def test_a_verdict_stands_beside_the_scores_and_changes_none(props: Props, tmp_path: Path) -> None:
    found = await judged(props, tmp_path, [verdict("bad", "bad")])
    assert found.by_case() == {"a": [True]}
    assert "manner" not in found.sums()["scorers"]
    sums = judged_sums(found)
    assert sums is not None
    assert str(sums["tone"]).startswith("0/1")
    assert (sums["unscored"], sums["calls"], sums["tokens"]) == (0, 1, 1240)
    assert found.sums()["model_calls"] == 1
    save(tmp_path / "out", [found], {"judge": "openai:judge against people, tone: 38/40"})
    page = report_html(tmp_path / "out")
    assert "by the judge, in no gate: tone 0/1" in page
    assert "openai:judge against people, tone: 38/40" in page
    assert "judge: because" in page


async def test_a_judge_that_fails_leaves_the_case_as_it_was(props: Props, tmp_path: Path) -> None:
    found = await judged(props, tmp_path, [fails(500), fails(500)])
    assert found.by_case() == {"a": [True]}
    assert found.sums()["unscored"] == 0
    sums = judged_sums(found)
    assert sums is not None
    assert (sums["unscored"], sums["blame"], sums["calls"]) == (1, {"judge": 1}, 2)
    assert "judge: the model failed: broken" in found.outcomes[0].why["judge"]


@pytest.mark.parametrize("figure", ["tone", "helpfulness", "manner", "judge"])
def test_a_gate_that_names_what_a_judge_says_is_refused(tmp_path: Path, figure: str) -> None:
    gate = tmp_path / "gate.yaml"
    gate.write_text(f"selfservice: {{pass: 0.9, {figure}: 0.8}}\n")
    with pytest.raises(ValueError, match=f"selfservice: {figure}: what a judge model says"):
        read_gate(gate)
    answer = CliRunner().invoke(app, ["run", "selfservice", "--gate", str(gate)])
    assert answer.exit_code == 2
    assert "judge" in answer.output


def test_a_run_without_a_judge_has_no_verdict() -> None:
    assert judged_sums(SuiteResult(suite="s", agent="a", digest="d", trials=1, outcomes=())) is None
