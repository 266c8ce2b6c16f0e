"""Inspect tasks: a suite's cases as samples, a solver that plays or asks, the suite's scorers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolCall

from evals.cases import CaseFile, Dialogue, Unscored, dialogue_of, read_files, suite_files
from evals.fairness import play_variants
from evals.judging import Judge
from evals.play import play, play_gold
from evals.questions import Parts, Question
from evals.record import Record, ToolUse
from evals.scorers.decided import decided
from evals.scorers.manner import manner
from evals.stage import StagePool
from evals.suites import Suite
from evals.target import OutOfReach

TOGETHER = 25
"""Questions in one sample: what Inspect keeps of a sample costs more than asking most questions."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A task with what could not be made a sample of it."""

    task: Task
    unscored: tuple[Unscored, ...]
    digest: str


Play = Callable[[Dialogue], Awaitable[Record]]
"""Plays one case. Raises OutOfReach when it cannot be played there."""


def on_stage(pool: StagePool, agent: str) -> Play:
    """In process, each case on a stage of its own."""

    async def play_one(dialogue: Dialogue) -> Record:
        async with pool.stage() as stage:
            if "variants" in dialogue.raw:
                return await play_variants(stage, dialogue, oracle=agent == "oracle")
            return await (play_gold if agent == "oracle" else play)(stage, dialogue)

    return play_one


def conversations(
    suite: Suite, files: Sequence[Path], play_one: Play, *, trials: int, judge: Judge | None = None
) -> Prepared:
    """judge: grades tone and helpfulness beside the suite's scorers."""
    read = read_files(files or suite_files(suite.name))
    dialogues, unscored = _dialogues(read)
    samples = [
        Sample(
            id=dialogue.id,
            input=dialogue.turns[0].say or dialogue.title,
            metadata={"case": dict(dialogue.raw), "part": part_of(dialogue.id, files)},
        )
        for dialogue in dialogues
    ]
    scorers = [make() for make in suite.scorers] + ([manner(judge)] if judge else [])
    task = _task(suite.name, samples, _converse(play_one), scorers, trials)
    return Prepared(task=task, unscored=(*read.unscored, *unscored), digest=read.digest)


def part_of(case_id: str, files: Sequence[Path]) -> str:
    """Cases of our own say in their id which part they are of; an evaluator's own have none."""
    return "" if files else "heldout" if case_id.startswith("h") else "dev"


def questions(suite: Suite, files: Sequence[Path], parts: Parts, *, agent: str) -> Prepared:
    if suite.read is None:
        raise LookupError(f"{suite.name} is a suite of conversations")
    read = suite.read(parts, files)
    groups = {f"{suite.name} {at + 1}": read.asked[at : at + TOGETHER] for at in range(0, len(read.asked), TOGETHER)}
    samples = [
        Sample(id=name, input="\n".join(question.words[:200] for question in group)) for name, group in groups.items()
    ]
    task = _task(suite.name, samples, _ask(groups, agent), [decided()], 1)
    return Prepared(task=task, unscored=tuple(read.unscored), digest=parts.pack.digest[:16])


def _half(question_id: str) -> str:
    return next((half for half in ("heldout", "dev") if half in question_id.partition(":")[0]), "")


def _task(name: str, samples: list[Sample], plan: Solver, scorers: list[Any], trials: int) -> Task:
    return Task(dataset=MemoryDataset(samples, name=name), solver=plan, scorer=scorers, epochs=trials, name=name)


def _dialogues(read: CaseFile) -> tuple[list[Dialogue], list[Unscored]]:
    dialogues, unscored = [], []
    for row in read.rows:
        try:
            dialogues.append(dialogue_of(row))
        except (ValueError, TypeError) as error:
            unscored.append(Unscored(where=str(row["id"]), reason=str(error)))
    return dialogues, unscored


@solver
def _converse(play_one: Play) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        started = time.perf_counter()
        try:
            record = await play_one(dialogue_of(state.metadata["case"]))
        except OutOfReach as reason:
            state.store.set("unscored", str(reason))
            record = Record()
        if record.astray:
            state.store.set("unscored", f"customer simulator: {record.astray}")
            state.store.set("blame", "customer")
        state.store.set("milliseconds", record.milliseconds or (time.perf_counter() - started) * 1000)
        state.store.set("record", record.to_json())
        state.messages = list(messages_of(record))
        return state

    return solve


@solver
def _ask(groups: Mapping[str, Sequence[Question]], agent: str) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        answers = [await _answer(question, agent) for question in groups[str(state.sample_id)]]
        state.store.set("answers", answers)
        state.messages.append(ChatMessageAssistant(content="\n".join(str(answer["answer"]) for answer in answers)))
        return state

    return solve


async def _answer(question: Question, agent: str) -> dict[str, Any]:
    started = time.perf_counter()
    if agent in ("oracle", "floor"):
        answer = question.gold if agent == "oracle" else question.nothing
    else:
        answer = await asyncio.to_thread(question.ask)
    return {
        "id": question.id,
        "words": question.words,
        "clause": question.clause,
        "answer": str(answer)[:500],
        "wrong": question.wrong(answer),
        "writes": question.writes,
        "part": _half(question.id),
        "milliseconds": (time.perf_counter() - started) * 1000,
    }


def messages_of(record: Record) -> list[ChatMessage]:
    """The conversation as Inspect's viewer shows it."""
    messages: list[ChatMessage] = []
    for exchange in record.exchanges:
        messages.append(ChatMessageUser(content=exchange.said or f"[presses {exchange.pressed}]"))
        for place, use in enumerate(exchange.tools):
            messages += _tool_messages(use, f"{len(messages)}-{place}")
        messages.append(ChatMessageAssistant(content=exchange.reply))
    return messages


def _tool_messages(use: ToolUse, call_id: str) -> list[ChatMessage]:
    call = ToolCall(id=call_id, function=use.name, arguments=dict(use.arguments))
    return [
        ChatMessageAssistant(content="", tool_calls=[call]),
        ChatMessageTool(content=use.body or use.say, tool_call_id=call_id, function=use.name),
    ]
