"""Resolution options for a case: candidates of the situation, each judged by the executor, ranked, and drafted.

It decides nothing itself and executes nothing: `accept` (agent/desk/deciding.py) goes through the same executor.
"""

import importlib.resources
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from agent.answers import ShownAmount, ShownGrant
from agent.desk.views import CustomerOption, Option, Resolution
from agent.resolution.detecting import detect
from agent.resolution.ranking import Ranked, Standing, rank
from agent.resolution.situations import Candidate, Situation, situations, weights
from agent.showing import show_clause
from knowledge.decide import Decision
from knowledge.values import Value
from tools.context import TurnContext
from tools.domain.errors import Fault, Refusal
from tools.domain.records import Booking, FlightStatus
from tools.executor import Executor
from tools.ports import Services
from tools.tool import Call, Tool

STAFF_ACTIONS = frozenset({"issue_goodwill"})


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What the options are for. texts: what the person said, oldest first."""

    id: str
    case_id: str
    kind: str
    booking: Booking | None
    event: str | None = None
    texts: tuple[str, ...] = ()
    live: bool = False
    """A customer's conversation is open: entitlements and changes of the journey are theirs to confirm."""
    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The options, and what they were worked out from: a case for the evals once staff have judged them."""

    resolution: Resolution
    facts: Mapping[str, Value]
    standing: Standing


@dataclass(frozen=True)
class Decided:
    decision: Decision
    facts: Mapping[str, Value] = field(default_factory=dict)


class Resolver:
    def __init__(self, *, executor: Executor, services: Services) -> None:
        self._executor = executor
        self._services = services

    async def resolve(self, matter: Matter, turn: TurnContext) -> Resolved:
        situation = await self.situation_of(matter)
        decided = await self._decide_all(situation, matter, turn)
        ranked = _ranked(situation, decided, matter)
        shown = [_show(option, situation, matter, number) for number, option in enumerate(ranked, start=1)]
        resolution = Resolution(
            id=matter.id,
            case_id=matter.case_id,
            situation=situation.name,
            title=situation.title,
            summary=_summary(situation, matter),
            options=tuple(option for option in shown if option.eligible),
            ineligible=tuple(option for option in shown if not option.eligible),
        )
        return Resolved(resolution=resolution, facts=_shared(decided.values()), standing=matter.standing)

    async def for_customer(self, booking: Booking, turn: TurnContext) -> tuple[Situation, tuple[CustomerOption, ...]]:
        """The same decisions, projected: no goodwill, no cost, no utility."""
        matter = Matter(id="", case_id="", kind="", booking=booking, texts=turn.said)
        situation = await self.situation_of(matter)
        ranked = await self.options(situation, matter, turn)
        own = [option for option in ranked if option.candidate.tool not in STAFF_ACTIONS]
        return situation, tuple(_project(option) for option in own)

    async def situation_of(self, matter: Matter) -> Situation:
        flights: list[FlightStatus] = []
        for leg in matter.booking.segments if matter.booking else ():
            flights += (await self._services.booking.flight_status(leg.flight_number, leg.flight_date))[:1]
        return situations()[detect(matter.kind, matter.event, matter.texts, flights)]

    async def options(self, situation: Situation, matter: Matter, turn: TurnContext) -> tuple[Ranked, ...]:
        return _ranked(situation, await self._decide_all(situation, matter, turn), matter)

    async def _decide_all(self, situation: Situation, matter: Matter, turn: TurnContext) -> dict[str, Decided]:
        return {c.name: await self._decide(c, matter, turn) for c in situation.candidates}

    async def _decide(self, candidate: Candidate, matter: Matter, turn: TurnContext) -> Decided:
        """What the executor would decide for this speaker now; a call that cannot be made is not eligible."""
        tool = self._executor.tools[candidate.tool]
        if tool.about_booking and matter.booking is None:
            return Decided(undecided(candidate.tool, "No booking is known for this case.", ("record_locator",)))
        try:
            call = await self._executor.decide(tool, arguments_of(tool, candidate, matter), turn)
        except (Refusal, Fault) as fault:
            return Decided(undecided(candidate.tool, f"The {fault.service} system cannot tell: {fault.detail}", ()))
        if not isinstance(call, Call):
            return Decided(undecided(candidate.tool, call.say, getattr(call, "facts", ())))
        own = {name: value for name, value in call.facts.items() if name not in candidate.facts}
        return Decided(replace(call.the_decision(), action=candidate.name), own)


def _ranked(situation: Situation, decided: Mapping[str, Decided], matter: Matter) -> tuple[Ranked, ...]:
    return rank(situation, lambda candidate: decided[candidate.name].decision, matter.standing, weights())


def _shared(decided: Iterable[Decided]) -> Mapping[str, Value]:
    """The facts of the matter: those of one candidate's own request differ between candidates and are left out."""
    facts: dict[str, Value] = {}
    differing = set()
    for one in decided:
        differing |= {name for name, value in one.facts.items() if facts.get(name, value) != value}
        facts |= one.facts
    return {name: value for name, value in facts.items() if name not in differing}


def arguments_of(tool: Tool, candidate: Candidate, matter: Matter) -> Any:
    """The canonical arguments of a candidate for this matter."""
    given: dict[str, object] = dict(candidate.arguments)
    if tool.about_booking and matter.booking is not None:
        given["record_locator"] = matter.booking.record_locator
    if candidate.tool == "correct_name" and matter.booking is not None:
        person = matter.booking.passengers[0]
        given |= {"passenger": person.surname, "corrected_name": f"{person.given_name} {person.surname}"}
    return tool.arguments.model_validate(given)


def undecided(action: str, say: str, missing: tuple[str, ...]) -> Decision:
    return Decision(action=action, effect="needs_human", reason="missing", missing=missing, facts_used={}, say=say)


def _show(option: Ranked, situation: Situation, matter: Matter, number: int) -> Option:
    decision, candidate = option.decision, option.candidate
    staff = candidate.tool in STAFF_ACTIONS or not matter.live
    return Option(
        id=f"{number}-{candidate.name.replace(':', '-')}",
        action=candidate.tool,
        label=_words()["labels"].get(candidate.name, candidate.name),
        arguments={
            **candidate.arguments,
            **_about(matter),
        },
        eligible=option.eligible,
        needs_approval=option.needs_approval,
        clauses=tuple(show_clause(clause) for clause in decision.clauses),
        why=decision.say,
        amounts=_amounts(decision),
        grants=tuple(ShownGrant(name=g.name, quantity=g.quantity, unit=g.unit) for g in decision.grants),
        cost_minor=option.cost,
        value_minor=option.value,
        currency="EUR",
        effort=candidate.effort,
        missing=decision.missing,
        utility=round(option.utility, 3),
        confidence=option.confidence,
        confirmed_by="staff" if staff else "customer",
        reply=_draft(option, situation) if option.eligible else "",
    )


def _about(matter: Matter) -> dict[str, object]:
    return {"record_locator": matter.booking.record_locator} if matter.booking else {}


def _project(option: Ranked) -> CustomerOption:
    decision = option.decision
    return CustomerOption(
        action=option.candidate.tool,
        label=_words()["labels"].get(option.candidate.name, option.candidate.name),
        ask=_words()["asks"].get(option.candidate.name, ""),
        eligible=option.eligible,
        clauses=tuple(show_clause(clause) for clause in decision.clauses),
        why=decision.say,
        amounts=_amounts(decision),
        missing=decision.missing,
    )


def _amounts(decision: Decision) -> tuple[ShownAmount, ...]:
    return tuple(ShownAmount(name=a.name, minor=a.minor, currency=a.currency) for a in decision.amounts)


def _draft(option: Ranked, situation: Situation) -> str:
    """An opening, the clause's own words, a closing. Nothing in it but what the decision says."""
    words = _words()
    closing = words["closing_goodwill"] if option.candidate.tool in STAFF_ACTIONS else words["closing"]
    gift = _gift(option.candidate) if option.candidate.tool in STAFF_ACTIONS else option.decision.say
    return f"{words['openings'][situation.name]} {gift} {closing}"


def _gift(candidate: Candidate) -> str:
    amount = candidate.arguments.get("amount")
    what = f"a voucher of {amount} EUR" if candidate.arguments.get("kind") == "voucher" else f"{amount} miles"
    return f"I would like to offer you {what}."


def _summary(situation: Situation, matter: Matter) -> str:
    about = f", booking {matter.booking.record_locator}" if matter.booking else ""
    return f"{situation.title}{about}."


@cache
def _words() -> dict[str, Any]:
    text = (importlib.resources.files("agent.resolution") / "labels.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return loaded
