import json
from datetime import date
from pathlib import Path

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda

from agent.embedded.catalogue import default_catalogue_path, load_catalogue
from evals.intents import read_utterances, score_intents, slot_matches

SUITE = Path(__file__).parents[2] / "evals" / "suites" / "intents"


def lines(path: Path, *cases: object) -> Path:
    path.write_text("\n".join(c if isinstance(c, str) else json.dumps(c) for c in cases), encoding="utf-8")
    return path


def answering(tool: str, typed: dict[str, str]) -> RunnableLambda[object, AIMessage]:
    call = {"name": tool, "args": {}, "id": "1", "type": "tool_call"}
    return RunnableLambda(
        lambda _: AIMessage(content="", tool_calls=[call], additional_kwargs={"frame": {"typed": typed}})
    )


def test_tools_and_slots_are_counted(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "cases.jsonl",
        {"id": "1", "text": "a", "tools": ["answer_policy"], "slots": {"date": "2 June"}, "topic": "x"},
        {"id": "2", "text": "b", "tools": ["hand_off"], "slots": {"surname": "Weber"}, "topic": "y", "more": 1},
        "{broken",
        {"id": "4", "tools": []},
    )
    model = answering("search_policies", {"date": "on 2 june", "seat": "22F"})
    score = score_intents(path, model, today=date(2026, 11, 24))
    assert (score.first_tool.successes, score.first_tool.trials, score.macro) == (1, 2, 0.5)
    assert (score.slots.right, score.slots.missed, score.slots.made_up) == (1, 1, 1)
    assert [line.split(":")[0] for line in score.unscored] == ["line 3", "line 4"]


def test_slots_are_compared_as_the_format_says() -> None:
    assert slot_matches("record_locator", "B9N3KF", "b9 n3 kf")
    assert slot_matches("phone", "+447700900123", "+44 7700-900123")
    assert slot_matches("date", "the 3rd", "3rd")
    assert not slot_matches("surname", "Weber", "Webber")


def test_the_held_out_part_stands_apart_and_is_as_large_as_promised() -> None:
    held, unscored = read_utterances(SUITE / "heldout.jsonl")
    development, _ = read_utterances(SUITE / "dev.jsonl")
    assert not unscored
    assert len(held) >= 400
    assert sum(u.topic == "out_of_scope" for u in held) * 6 >= len(held)
    assert len({u.topic for u in held}) >= 30
    known = {text.casefold() for text, _ in load_catalogue(default_catalogue_path()).examples()}
    known |= {u.text.casefold() for u in development}
    assert not [u.text for u in held if u.text.casefold() in known]
