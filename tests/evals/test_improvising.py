"""A customer played by a model, over a real chat-completions server: it plays scenarios, and its faults are its own."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from agent.settings import Settings
from api.eval_cli import app
from evals.asking import open_remote
from evals.cases import Dialogue, Turn, dialogue_of, read_files, suite_files
from evals.casting import Cast
from evals.customer import Astray, Heard, MakeCustomer
from evals.improvising import brief_of, improvised, strayed
from evals.play import cast_of, play
from evals.report import report_html
from evals.results import save
from evals.run import Plan, run
from evals.stage import NOON, Props, Stage, open_stage
from tests.agent.misbehaving import Act, Body, ModelServer, Scripted, Silent, calls, fails, says, serving
from tests.agent.scripted import Line, ScriptedModel
from tools.domain.errors import SettingsError
from tools.sandbox import people

ACTORS = Cast(
    persona=people.ADA,
    victim=people.JONAS,
    level="anonymous",
    values={"CUSTOMER": "Ada Lindqvist", "LOCATOR": "K7XQ2P", "SURNAME": "Lindqvist"},
)
CASES = {row["id"]: row for row in read_files(suite_files("selfservice")).rows}
pytestmark = [
    pytest.mark.usefixtures("swept"),
    pytest.mark.filterwarnings(
        # Inspect leaves a stream of its progress display open
        "ignore:Exception ignored in. <function MemoryObject:pytest.PytestUnraisableExceptionWarning"
    ),
]


def line(do: str, words: str = "") -> Act:
    return says(json.dumps({"do": do, "words": words}))


DONE = line("done")
Person = Callable[[str], Act]
"""Answers what the assistant said last, cards and codes in brackets."""


def person(opening: str) -> Person:
    """Plausible: gives what it is asked for, confirms its card, then is done."""

    def answer(heard: str) -> Act:
        if "chat has just opened" in heard:
            return line("say", opening)
        if "one-time code is" in heard:
            return line("say", f"it says {heard.rpartition('code is ')[2].rstrip(']')}")
        if "[A card" in heard:
            return line("confirm")
        return line("say", "Lindqvist") if "surname" in heard.casefold() else DONE

    return answer


def asked(plays: Person) -> Callable[[Body], Act]:
    return lambda body: plays(str(body["messages"][-1]["content"]))


@asynccontextmanager
async def spoken_by(*script: Scripted) -> AsyncIterator[tuple[MakeCustomer, ModelServer]]:
    async with serving(*script) as server:
        settings = Settings(openai_base_url=server.url, openai_api_key=SecretStr("k"))
        async with open_remote("openai:customer", settings) as model:
            yield improvised(model, NOON.date), server


CANCELS: list[Line] = [[("cancel_booking", {"record_locator": "K7XQ2P"})], "Here is what cancelling does."]
PROVES: list[Line] = [
    "And what is the surname on the booking?",
    [("verify_booking", {"record_locator": "K7XQ2P", "surname": "Lindqvist"})],
    [("send_code", {"record_locator": "K7XQ2P"})],
    "Please type the code.",
    *CANCELS,
]
ADDS: list[Line] = [
    [("add_ancillary", {"record_locator": "K7XQ2P", "kind": "bag"})],
    "Here is what a bag costs.",
]


@pytest.mark.parametrize(
    ("case", "opening", "agent", "tool"),
    [
        ("d-cancel-01", "I'd like to cancel my booking K7XQ2P", CANCELS, "cancel_booking"),
        ("d-cancel-02", "Please cancel booking K7XQ2P", PROVES, "cancel_booking"),
        ("d-bag-01", "please add a suitcase to K7XQ2P", ADDS, "add_ancillary"),
    ],
)
async def test_a_plausible_customer_gets_what_the_scenario_is_about(
    props: Props, case: str, opening: str, agent: list[Line], tool: str
) -> None:
    scripted = replace(props, make_model=lambda _: ScriptedModel(script=list(agent)))
    async with open_stage(scripted) as stage:
        await stage.fresh()
        await play_scenario(stage, case, opening, tool)


@pytest.mark.soak
async def test_the_embedded_model_serves_a_plausible_customer(props: Props) -> None:
    async with open_stage(replace(props, make_model=None)) as stage:
        for case, opening, tool in (
            ("d-cancel-01", "I'd like to cancel my booking K7XQ2P", "cancel_booking"),
            ("d-cancel-02", "Please cancel booking K7XQ2P", "cancel_booking"),
            ("d-bag-01", "please add a suitcase to K7XQ2P", "add_ancillary"),
        ):
            await stage.fresh()
            await play_scenario(stage, case, opening, tool)


async def play_scenario(stage: Stage, case: str, opening: str, tool: str) -> None:
    async with spoken_by(*[asked(person(opening))] * 12) as (stage.make_customer, server):
        record = await play(stage, dialogue_of(CASES[case]))
    assert record.astray == ""
    assert record.tools_done[-1:] == [tool]
    assert record.changed == record.expected
    assert record.customer_calls == len(server.requests) == record.customer_tokens / 1240


async def test_what_the_agent_says_is_heard_and_the_seed_is_sent(stage: Stage) -> None:
    async with spoken_by(line("say", "how large can a cabin bag be?"), DONE) as (stage.make_customer, server):
        record = await play(stage, dialogue_of(CASES["d-policy-01"]))
    assert [exchange.said for exchange in record.exchanges] == ["how large can a cabin bag be?"]
    assert (record.customer_calls, record.customer_tokens) == (2, 2480)
    assert record.exchanges[0].reply in server.requests[1]["messages"][-1]["content"]
    assert (server.requests[0]["temperature"], server.requests[0]["seed"]) == (0, 20250101)


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ([fails(500), fails(500)], "the model failed: broken"),
        ([says(""), says("")], "the model said nothing"),
        ([says("I want to cancel."), says("Cancel!")], "no JSON object"),
        ([line("say"), line("say")], "nothing is said"),
        ([line("say", "la " * 300), line("say", "la " * 300)], "at most 600 characters"),
        ([line("shout", "x"), calls(("cancel_booking", {}))], "the model said nothing"),
        ([line("say", "How can I help you today?")], "out of its role"),
        ([line("say", "As an AI language model I have no booking.")], "out of its role"),
        ([line("say", "please cancel ZZ9PLU")], "against the facts of the scenario (ZZ9PLU)"),
        ([line("say", "the code is 123456")], "against the facts of the scenario (123456)"),
        ([line("say", "my surname is Schmidt")], "against the facts of the scenario (Schmidt)"),
        ([line("say", "cancel K7XQ2P"), line("say", "Schmidt")], "against the facts of the scenario (Schmidt)"),
        ([line("confirm")], "pressed confirm where no card was shown"),
    ],
)
async def test_trouble_of_the_customer_is_its_own(script: Sequence[Scripted], trouble: str) -> None:
    async with spoken_by(*script) as (make, _):
        with pytest.raises(Astray) as raised:
            await talk(make)
    assert trouble in str(raised.value)


async def talk(make: MakeCustomer) -> list[Turn]:
    """With an agent that asks for the surname, whatever is said."""
    customer = make(dialogue_of(CASES["d-cancel-02"]), ACTORS, lambda: "")
    turns = []
    heard = Heard()
    while turn := await customer.next(heard):
        turns.append(turn)
        heard = Heard(text="And what is the surname on the booking?", kind="identity_needed")
    return turns


async def test_a_customer_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.asking.PATIENCE", 0.05)
    async with spoken_by(Silent(), Silent()) as (make, server):
        with pytest.raises(Astray, match="the model failed: timed_out"):
            await talk(make)
    assert len(server.requests) == 2


async def test_one_bad_answer_is_asked_for_again() -> None:
    async with spoken_by(fails(500), line("say", "hi"), DONE) as (make, server):
        assert [turn.say for turn in await talk(make)] == ["hi"]
    assert len(server.requests) == 3


async def test_a_run_blames_the_simulator_and_says_that_it_is_not_seeded(props: Props, tmp_path: Path) -> None:
    data = tmp_path / "own.jsonl"
    data.write_text(
        '{"id": "good", "turns": ["hello"], "must_say": ["sorry"]}\n'
        '{"id": "lost", "turns": ["bye"], "must_say": ["x"]}\n'
    )

    def plays(body: Body) -> Act:
        talk = body["messages"]
        if "bye" in talk[0]["content"]:
            return line("say", "How may I assist you?")
        return line("say", "hello there") if len(talk) == 2 else DONE

    async with serving(*[plays] * 10) as server:
        props = replace(props, settings=props.settings.model_copy(update=openai_of(server.url)))
        plan = Plan(
            suites=["selfservice"],
            out=tmp_path / "out",
            props=props,
            settings=props.settings,
            data=[data],
            customer_model="openai:customer",
            tell=lambda _: None,
        )
        (found,) = await run(plan)
    sums = found.sums()
    assert found.by_case() == {"good": [True]}
    assert (sums["unscored"], sums["blame"], sums["customer"]) == (1, {"customer": 1}, "openai:customer")
    assert (sums["customer_calls"], sums["customer_tokens"], sums["tokens"]) == (3, 3720, 0)
    save(tmp_path / "out", [found], {})
    page = report_html(tmp_path / "out")
    assert "customers by openai:customer, not seeded: 3 calls, 3720 tokens" in page
    assert "blame: customer" in page


def openai_of(url: str) -> dict[str, Any]:
    return {"openai_base_url": url, "openai_api_key": SecretStr("k")}


async def test_attackers_keep_to_their_lines(props: Props, tmp_path: Path) -> None:
    plan = Plan(suites=["safety"], out=tmp_path, props=props, customer_model="openai:customer", tell=lambda _: None)
    with pytest.raises(SettingsError, match="scripted"):
        await run(plan)


def test_a_gate_never_uses_it(tmp_path: Path) -> None:
    gate = tmp_path / "gate.yaml"
    gate.write_text("selfservice: {pass: 0.5}\n")
    answer = CliRunner().invoke(
        app, ["run", "selfservice", "--gate", str(gate), "--customer-model", "openai:x"], env={"COLUMNS": "200"}
    )
    assert answer.exit_code == 2
    assert "scripted customers alone" in answer.output


async def test_no_line_of_the_scripts_leaves_its_scenario(stage: Stage) -> None:
    for row in CASES.values():
        dialogue = dialogue_of(row)
        actors = cast_of(stage, dialogue).also(CODE="471100", CONFIRM="yes")
        brief = f"{brief_of(dialogue, actors)}\n471100"
        assert [words for words in said(dialogue, actors) if strayed(words, brief, NOON.date())] == []


def said(dialogue: Dialogue, actors: Cast) -> list[str]:
    return [actors.filled(turn.say) for turn in dialogue.turns]


async def test_a_scenario_tells_its_own_facts_only(stage: Stage) -> None:
    dialogue = dialogue_of(CASES["h-cancel-11"])
    brief = brief_of(dialogue, cast_of(stage, dialogue))
    assert "Schmidt" in brief
    assert "the surname on the booking" not in brief
