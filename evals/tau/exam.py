"""The external exam: the airline domain of tau2-bench, its writes governed by a pack of ours behind our executor.

Gold actions are replayed and the databases compared as the benchmark does; forbidden writes are put to the gate one by
one. Nothing of the benchmark is kept here: it is read from the folder that is named.
"""

import asyncio
import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

from evals.cases import read_files
from evals.tau.acts import ACTS, Impossible
from evals.tau.facts import KINDS, World
from evals.tau.forbidden import forbidden_writes
from evals.tau.tools import STATED, exam_tools
from knowledge.pack import PolicyPack, load_pack
from tools.context import Speaker, TurnContext
from tools.domain.ids import ConversationId, CustomerId, MessageId
from tools.domain.outcomes import HumanNeeded, Invalid, Refused
from tools.executor import Executor, Ruling
from tools.policy import Policy
from tools.ports import Services, Subject, Write
from tools.tool import Order

POLICIES = Path(__file__).parent / "policies"
_ZONES = {"UTC": 0, "EST": -5, "EDT": -4, "CST": -6, "PST": -8}


class NoExam(Exception):
    """The folder holds no airline domain, or its files are of another shape."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One write put to the gate. clauses: what decided; say: in which words."""

    id: str
    tool: str
    allowed: bool
    clauses: tuple[str, ...]
    say: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task replayed. same: its database ends as it does without a gate, by hash."""

    id: str
    writes: tuple[Judged, ...]
    same: bool


@dataclass(frozen=True, kw_only=True)
class ExamResult:
    tasks: tuple[Task, ...]
    forbidden: tuple[Judged, ...]
    unscored: tuple[str, ...] = ()

    @property
    def wrongly_refused(self) -> list[Judged]:
        return [write for task in self.tasks for write in task.writes if not write.allowed]

    @property
    def wrongly_allowed(self) -> list[Judged]:
        return [write for write in self.forbidden if write.allowed]

    @property
    def passed(self) -> bool:
        return not self.wrongly_refused and not self.wrongly_allowed and all(task.same for task in self.tasks)


def exam_pack() -> PolicyPack:
    return load_pack(POLICIES, KINDS)


def sit(data: Path, *, tasks: Path | None = None, forbidden: Path | None = None) -> ExamResult:
    """Raises NoExam. Without a file of forbidden writes, such are looked for in the database itself."""
    try:
        db = json.loads((data / "db.json").read_text(encoding="utf-8"))
        listed = json.loads((tasks or data / "tasks.json").read_text(encoding="utf-8"))
        world = World(db, read_now((data / "policy.md").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoExam(f"{data}: {type(error).__name__}: {error}") from error
    return asyncio.run(_sit(world, listed, forbidden))


def read_now(policy: str) -> datetime:
    """The moment that the policy names as the present one. Raises ValueError."""
    found = re.search(r"current time is (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([A-Z]{3})", policy)
    if found is None or found[2] not in _ZONES:
        raise ValueError("policy.md names no current time")
    return datetime.fromisoformat(found[1]).replace(tzinfo=timezone(timedelta(hours=_ZONES[found[2]])))


async def _sit(world: World, listed: Sequence[Mapping[str, Any]], forbidden: Path | None) -> ExamResult:
    pack = exam_pack()
    unscored: list[str] = []
    replayed = []
    for task in listed:
        try:
            replayed.append(await _replay(pack, world, task))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            unscored.append(
                f"task {task.get('id') if isinstance(task, dict) else '?'}: {type(error).__name__}: {error}"
            )
    rows, unread = _forbidden(world, forbidden)
    unscored += unread
    gate = Gate(pack, world)
    judged = []
    for row in rows:
        if row.get("tool") in ACTS and isinstance(row.get("arguments"), dict):
            ruled = await gate.ask(str(row["tool"]), row["arguments"], _words(row.get("stated")))
            judged.append(_judged(str(row["id"]), str(row["tool"]), ruled))
        else:
            unscored.append(f"{row.get('id')}: no write tool {row.get('tool')!r}, or no arguments")
    return ExamResult(tasks=tuple(replayed), forbidden=tuple(judged), unscored=tuple(unscored))


def _forbidden(world: World, path: Path | None) -> tuple[Sequence[Mapping[str, Any]], list[str]]:
    if path is None:
        return list(forbidden_writes(world)), []
    read = read_files([path])
    return read.rows, [f"{one.where}: {one.reason}" for one in read.unscored]


class Gate:
    """Our executor over a copy of the exam's database. customer: who called; else whoever the write is for."""

    def __init__(self, pack: PolicyPack, world: World, customer: str | None = None) -> None:
        self.world = copy.deepcopy(world)
        self._customer = customer
        nothing = cast(Any, None)
        services = Services(
            booking=nothing, profile=nothing, consent=nothing, notification=nothing, cases=nothing,
            compensation=nothing, payment=nothing,
        )  # fmt: skip
        self._executor = Executor(
            tools=exam_tools(self.world, pack), services=services, policy=Policy(pack=pack, services=services)
        )

    async def ask(self, tool: str, arguments: Mapping[str, Any], words: str) -> Ruling:
        return await self._executor.call(tool, arguments, self._turn(arguments, words), by="desk")

    async def carry_out(self, tool: str, arguments: Mapping[str, Any]) -> None:
        """As the person's confirmation would. Raises Impossible where the benchmark's own tool would fail."""
        bound = self._executor.tools[tool]
        wish = bound.arguments.model_validate(dict(arguments))
        order = Order(arguments=wish, details={}, amounts={}, currencies={}, grants={})
        for number, step in enumerate(bound.steps, start=1):
            await step(order, Write(key=f"exam:{number}", subject=Subject("system")))

    def _turn(self, arguments: Mapping[str, Any], words: str) -> TurnContext:
        customer = self._customer or self._owner(arguments)
        return TurnContext(
            conversation_id=ConversationId("exam"),
            message_id=MessageId("exam"),
            speaker=Speaker(kind="customer", subject=customer, customer_id=CustomerId(customer)),
            grants=(),
            said=(words,) if words else (),
            now=self.world.now,
        )

    def _owner(self, arguments: Mapping[str, Any]) -> str:
        reservation = self.world.reservations.get(str(arguments.get("reservation_id")), {})
        return str(arguments.get("user_id") or reservation.get("user_id") or "nobody")


async def _replay(pack: PolicyPack, world: World, task: Mapping[str, Any]) -> Task:
    """Gold writes in their order, each asked first; and once more without a gate, to compare the ends."""
    actions = (task.get("evaluation_criteria") or {}).get("actions") or ()
    writes = [action for action in actions if action["name"] in ACTS]
    if not writes:
        return Task(id=str(task.get("id")), writes=(), same=True)
    gate, alone = Gate(pack, world), copy.deepcopy(world)
    words = " ".join(_strings(task.get("user_scenario")))
    judged = []
    for action in writes:
        name, arguments = action["name"], action.get("arguments") or {}
        ruled = await gate.ask(name, arguments, words)
        judged.append(_judged(str(action.get("action_id", name)), name, ruled))
        if judged[-1].allowed:
            await _try(gate, name, arguments)
        try:
            ACTS[name](alone, arguments)
        except Impossible:
            continue
    return Task(id=str(task.get("id")), writes=tuple(judged), same=_hash(gate.world) == _hash(alone))


async def _try(gate: Gate, name: str, arguments: Mapping[str, Any]) -> None:
    try:
        await gate.carry_out(name, arguments)
    except Impossible:
        return


def _judged(name: str, tool: str, ruled: Ruling) -> Judged:
    outcome = ruled.outcome
    clauses = tuple(ref.clause_id for ref in getattr(outcome, "clauses", ()))
    refused = isinstance(outcome, Refused | HumanNeeded | Invalid) or ruled.proposal is None
    return Judged(id=name, tool=tool, allowed=not refused, clauses=clauses, say=outcome.say)


def _words(stated: object) -> str:
    said = " ".join(_strings(stated)).replace("_", " ").strip()
    return f"{STATED}{said}" if said else ""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for held in value.values():
            yield from _strings(held)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _hash(world: World) -> str:
    """Of the whole database, keys in order, as the benchmark compares ends."""
    whole = {"flights": world.flights, "users": world.users, "reservations": world.reservations}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def report_lines(result: ExamResult) -> Iterator[str]:
    writes = [write for task in result.tasks for write in task.writes]
    same = sum(task.same for task in result.tasks)
    yield f"{len(result.tasks)} tasks, {len(writes)} gold writes: {len(result.wrongly_refused)} wrongly refused"
    yield f"database as after the gold actions: {same} of {len(result.tasks)}"
    yield f"{len(result.forbidden)} forbidden writes: {len(result.wrongly_allowed)} wrongly allowed"
    yield from (f"  refused {write.id} ({write.tool}): {write.say} {write.clauses}" for write in result.wrongly_refused)
    yield from (f"  allowed {write.id} ({write.tool}): {write.say} {write.clauses}" for write in result.wrongly_allowed)
    yield from (f"  unscored {reason}" for reason in result.unscored)
