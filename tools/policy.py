"""The policy pack as the executor asks it: facts from records read now, one decision, no rule of our own."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from knowledge.clause import Audience
from knowledge.decide import Amount, Decision
from knowledge.facts import booking_facts
from knowledge.pack import PolicyPack
from knowledge.values import Value
from tools.context import Speaker
from tools.domain.records import Booking, FlightStatus, Passenger
from tools.ports import Services
from tools.tool import Call

T = TypeVar("T")
ASK_COLLEAGUE = "I cannot decide this by our rules alone; a colleague has to look at it."


@dataclass(frozen=True, kw_only=True)
class Share:
    """One passenger's part of a decision; None stands for the booking as a whole."""

    passenger: Passenger | None
    decision: Decision
    facts: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Policy:
    pack: PolicyPack
    services: Services

    async def decide(self, action: str, call: Call) -> Decision:
        """What the pack says of an action, by the records as they are now; for each passenger it is about, added up."""
        shares = await self.shares(action, call)
        return shares[0].decision if len(shares) == 1 else add_up([share.decision for share in shares])

    async def shares(self, action: str, call: Call) -> tuple[Share, ...]:
        audience: Audience = "staff" if call.turn.speaker.kind == "staff" else "customer"
        return tuple(
            Share(
                passenger=passenger,
                decision=self.pack.decide(action, facts, now=call.turn.now, audience=audience),
                facts=facts,
            )
            for passenger, facts in await self._facts(action, call)
        )

    async def _facts(self, action: str, call: Call) -> list[tuple[Passenger | None, Mapping[str, Value]]]:
        resolved = call.resolution
        own = {**resolved.facts, **await self._of_speaker(action, call)}
        if call.booking is None:
            return [(None, own)]
        flights = await self._operations(call.booking)
        return [
            (
                passenger,
                booking_facts(
                    call.booking,
                    passenger=passenger,
                    segment=resolved.segment,
                    flights=flights,
                    carriers=self.pack.carriers,
                    request=own,
                    now=call.turn.now,
                ),
            )
            for passenger in resolved.passengers or (None,)
        ]

    async def _of_speaker(self, action: str, call: Call) -> Mapping[str, Value]:
        """Who asks: their role, how well they are known, their tier; read only where a clause looks at it."""
        speaker, needed = call.turn.speaker, self._needed(action)
        facts: dict[str, Value] = {"staff.role": staff_role(speaker), "identity.level": identity_level(call)}
        if speaker.customer_id and needed & {"passenger.tier", "passenger.miles"}:
            profile = await self.services.profile.get(speaker.customer_id)
            facts |= {"passenger.tier": profile.tier, "passenger.miles": profile.miles}
        return {name: value for name, value in facts.items() if name in needed}

    def _needed(self, action: str) -> frozenset[str]:
        return self.pack.facts_for(action)

    async def _operations(self, booking: Booking) -> tuple[FlightStatus, ...]:
        """The operation of each flight of the booking, as it is now."""
        status = self.services.booking.flight_status
        found = await _together(status(leg.flight_number, leg.flight_date) for leg in booking.segments)
        return tuple(flight for flights in found for flight in flights[:1])


async def _together(asked: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """All at once; the first fault is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in asked]
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from faults
    return [task.result() for task in tasks]


def add_up(decisions: Sequence[Decision]) -> Decision:
    """Several passengers' decisions as one: a person must look if one needs it; else what is allowed, summed."""
    for effect in ("needs_human", "allow"):
        chosen = [decision for decision in decisions if decision.effect == effect]
        if chosen:
            return replace(
                chosen[0],
                clauses=tuple(dict.fromkeys(clause for d in chosen for clause in d.clauses)),
                amounts=_sums([amount for d in chosen for amount in d.amounts]),
                missing=tuple(dict.fromkeys(name for d in chosen for name in d.missing)),
                trace=tuple(line for d in chosen for line in d.trace),
            )
    return decisions[0]


def _sums(amounts: Sequence[Amount]) -> tuple[Amount, ...]:
    sums: dict[tuple[str, str], int] = {}
    for amount in amounts:
        key = (amount.name, amount.currency)
        sums[key] = sums.get(key, 0) + amount.minor
    return tuple(Amount(name=name, minor=minor, currency=currency) for (name, currency), minor in sums.items())


def staff_role(speaker: Speaker) -> str:
    return next((role for role in ("supervisor", "agent") if role in speaker.roles), "none")


def identity_level(call: Call) -> str:
    """How well the speaker is known for this call's booking."""
    if call.turn.speaker.kind != "anonymous":
        return {"customer": "authenticated", "staff": staff_role(call.turn.speaker)}[call.turn.speaker.kind]
    grant = call.turn.grant_for(call.booking.record_locator) if call.booking else None
    return grant.level if grant else "anonymous"


_QUESTIONS = {
    "reason": "why you ask for this",
    "can prove": "whether you have a document that shows it",
    "gave up travel": "whether you no longer travel because of what happened",
}


def ask_for(facts: Sequence[str]) -> str:
    """The facts as one question to the person."""
    asked = [_QUESTIONS.get(name, f"the {name}") for name in facts]
    return f"To decide this, I need to know {', and '.join(asked)}."


def stated_facts_missing(decision: Decision) -> tuple[str, ...]:
    """The missing facts that the person can state; empty when any other fact is missing too."""
    if decision.missing and all(name.startswith("stated.") for name in decision.missing):
        return tuple(name.removeprefix("stated.").replace("_", " ") for name in decision.missing)
    return ()
