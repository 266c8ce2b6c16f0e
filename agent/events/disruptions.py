"""Flights and bags that go wrong: who is affected, one case for each, and what follows from it.

disruption -> case (a passenger) -> grants and a notice, each an effect of its own and each done once.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from agent.events.affected import Affected, Manifests, Reader, delay_of, passengers_on
from agent.events.finishing import Done, Outcome, write_of
from agent.events.gifts import Gift, Gifts, gifts_for
from agent.events.planning import CANCELLED
from agent.store.effects import Effect, Effects, NewEffect
from knowledge.pack import PolicyPack
from tools.domain.ids import CaseId, CustomerId, RecordLocator
from tools.domain.records import Segment, Severity
from tools.ports import Services

Options = Callable[[Affected], Awaitable[Sequence[Mapping[str, object]]]]
"""Ranked resolution options for the case's packet."""


async def no_options(affected: Affected) -> Sequence[Mapping[str, object]]:
    return ()


class Disruptions:
    """kind disruption: one event about a flight."""

    def __init__(self, manifests: Manifests) -> None:
        self._manifests = manifests

    async def __call__(self, effect: Effect) -> Outcome:
        body: Mapping[str, Any] = effect.body
        bookings = await self._manifests.on_flight(body["flight_number"], date.fromisoformat(body["flight_date"]))
        found = passengers_on(bookings, body)
        cases = tuple(
            _case(body, booking.record_locator, passenger.passenger_id, segment)
            for booking, passenger, segment in found
        )
        return Done(result={"passengers": len(cases)}, followers=cases)


def _case(body: Mapping[str, Any], locator: str, passenger_id: str, segment: Segment) -> NewEffect:
    """A delay that grows, or becomes a cancellation, starts the passenger's one case again; anything else does not."""
    place = f"{locator}/{passenger_id}"
    cancelled = body["event"] == "flight.cancelled"
    return NewEffect(
        key=f"case:{body['flight_number']}:{body['flight_date']}:{place}",
        kind="case",
        order_key=place,
        body={**body, "record_locator": locator, "passenger_id": passenger_id},
        measure=CANCELLED if cancelled else int(delay_of(body, segment).total_seconds() // 60),
        again="when_grown",
    )


class Cases:
    """kind case: one passenger of a disrupted flight, or one mishandled bag."""

    def __init__(
        self,
        *,
        services: Services,
        pack: PolicyPack,
        effects: Effects,
        reader: Reader,
        clock: Callable[[], datetime],
        options: Options = no_options,
        on_case: Callable[[str], None] = lambda case_id: None,
    ) -> None:
        self._services = services
        self._pack = pack
        self._effects = effects
        self._reader = reader
        self._clock = clock
        self._options = options
        self._on_case = on_case

    async def __call__(self, effect: Effect) -> Outcome:
        affected = await self._reader.read(effect.body)
        if affected is None:
            return Done(result={"skipped": "not on the flight any more"})
        facts = await self._reader.facts(affected, self._pack.carriers)
        gifts = gifts_for(self._pack, facts, now=self._clock())
        case_id = await self._case(effect, affected, gifts)
        self._on_case(case_id)
        followers = (
            *_grants(effect, affected, gifts.automatic),
            *_notice(effect, affected, case_id),
        )
        result = {"case_id": case_id, "given": _given(effect) | {gift.name: gift.minor for gift in gifts.automatic}}
        return Done(result=result, followers=followers, audit=gifts.audit(affected.place))

    async def _case(self, effect: Effect, affected: Affected, gifts: Gifts) -> CaseId:
        """The request that opens the case is kept before it is sent, so that sending it again is the very same."""
        plan = effect.plan
        if plan is None:
            plan = {"revision": effect.revision, "case": await self._request(affected, gifts)}
            await self._effects.plan(effect, plan)
        case = await self._open(effect, plan["case"])  # type: ignore[arg-type]
        if plan["revision"] != effect.revision:
            case = await self._update(effect, affected, case)
        return case

    async def _request(self, affected: Affected, gifts: Gifts) -> dict[str, object]:
        options = [dict(option) for option in await self._options(affected)]
        return {
            "kind": "baggage" if "baggage" in affected.event else "disruption",
            "severity": _severity(affected, gifts),
            "summary": _summary(affected),
            "packet": _packet(affected, gifts, options),
            "customer": affected.customer,
            "locator": affected.booking.record_locator,
        }

    async def _open(self, effect: Effect, request: Mapping[str, Any]) -> CaseId:
        case = await self._services.cases.open(
            kind=request["kind"],
            severity=request["severity"],
            summary=request["summary"],
            packet=request["packet"],
            customer=CustomerId(request["customer"]) if request["customer"] else None,
            locator=RecordLocator(request["locator"]),
            conversation_id=None,
            write=write_of(effect),
        )
        return case.case_id

    async def _update(self, effect: Effect, affected: Affected, case_id: CaseId) -> CaseId:
        """It got worse: a note for whoever has the case; a new case when that one is closed."""
        case = await self._services.cases.get(case_id)
        step = f"r{effect.revision}"
        if case.status != "closed":
            await self._services.cases.add_note(case_id, _summary(affected), write=write_of(effect, step))
            return case_id
        again = await self._services.cases.open(
            kind=case.kind,
            severity="high",
            summary=_summary(affected),
            packet={"event": dict(affected.event), "earlier_case": case_id},
            customer=case.customer_id,
            locator=case.record_locator,
            conversation_id=None,
            write=write_of(effect, step),
        )
        return again.case_id


def _severity(affected: Affected, gifts: Gifts) -> Severity:
    waits_for_somebody = affected.event["event"] == "flight.cancelled" or gifts.for_approval
    return "high" if waits_for_somebody else "normal"


def _summary(affected: Affected) -> str:
    """No words of anybody's: numbers, times and codes only."""
    event = affected.event
    who = f"passenger {affected.passenger.passenger_id} of booking {affected.booking.record_locator}"
    if kind := event.get("baggage"):
        return f"Bag {event.get('bag_tag', 'without a tag number')} is {kind}: {who}."
    flight = f"Flight {event['flight_number']} on {event['flight_date']}"
    if event["event"] == "flight.cancelled":
        return f"{flight} is cancelled: {who}."
    operation = affected.operation
    new = f", new departure {operation.estimated_departure.astimezone(UTC):%d %b %H:%M} UTC" if operation else ""
    return f"{flight} is delayed by {_minutes(affected)} minutes{new}: {who}."


def _minutes(affected: Affected) -> int:
    return int(delay_of(affected.event, affected.segment).total_seconds() // 60) if affected.segment else 0


def _packet(affected: Affected, gifts: Gifts, options: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What the agent finds in the case: what happened, what was given, what waits for approval, what can be done."""
    return {
        "event": dict(affected.event),
        "passenger": {
            "id": affected.passenger.passenger_id,
            "type": affected.passenger.type,
            "assistance": [ssr.code for ssr in affected.passenger.ssr],
        },
        "granted": [gift.shown() for gift in gifts.automatic],
        "for_approval": [gift.shown() for gift in gifts.for_approval],
        "decisions": [
            {
                "action": decision.action,
                "effect": decision.effect,
                "say": decision.say,
                "clauses": [clause.clause_id for clause in decision.clauses],
                "missing": list(decision.missing),
            }
            for decision in gifts.decisions
            if decision.effect != "deny"
        ],
        "options": list(options),
    }


def _given(effect: Effect) -> dict[str, int]:
    """What earlier revisions have granted, by name; kept together with the grants they added."""
    result: Mapping[str, Any] = effect.result or {}
    return dict(result.get("given", {}))


def _grants(effect: Effect, affected: Affected, gifts: Sequence[Gift]) -> Iterator[NewEffect]:
    """Once for a passenger, a flight and a gift. A gift that has grown with the delay adds the difference."""
    for gift in gifts:
        owed = gift.minor - _given(effect).get(gift.name, 0)
        if owed <= 0:
            continue
        yield NewEffect(
            key=f"grant:{effect.key.removeprefix('case:')}:{gift.name}:{gift.minor}",
            kind="grant",
            order_key=effect.order_key,
            body={
                "kind": gift.kind,
                "customer_id": affected.claimant,
                "record_locator": affected.booking.record_locator,
                "passenger_id": affected.passenger.passenger_id,
                "segment_id": affected.segment.segment_id if affected.segment else None,
                "minor": owed,
                "currency": gift.currency,
                "clauses": list(gift.clauses),
            },
        )


def _notice(effect: Effect, affected: Affected, case_id: CaseId) -> tuple[NewEffect, ...]:
    """One for a customer, a flight and a kind of event. While it waits for its hour it takes on the newest figures."""
    if affected.customer is None:
        return ()
    event = affected.event
    operation = affected.operation
    body = {
        "event": event["event"],
        "customer_id": affected.customer,
        "case_id": case_id,
        "case_key": effect.key,
        "record_locator": affected.booking.record_locator,
        **{name: event[name] for name in ("flight_number", "flight_date") if name in event},
    }
    if operation is not None:
        body["departs_at"] = operation.scheduled_departure.isoformat()
        body["new_departure"] = operation.estimated_departure.isoformat()
    about = effect.key if "baggage" in event else f"{event['flight_number']}:{event['flight_date']}"
    key = f"notice:{event['event']}:{about}:{affected.customer}"
    return (
        NewEffect(
            key=key,
            kind="notice",
            order_key=effect.order_key,
            body=body,
            measure=effect.measure,
            again="while_pending",
        ),
    )


class Grants:
    """kind grant: one gift into one account."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, effect: Effect) -> Outcome:
        body: Mapping[str, Any] = effect.body
        claim = await self._services.compensation.open_claim(
            kind=body["kind"],
            customer=CustomerId(body["customer_id"]),
            locator=RecordLocator(body["record_locator"]),
            passenger_id=body["passenger_id"],
            segment_id=body["segment_id"],
            amount_minor=body["minor"],
            currency=body["currency"],
            details={"reason": "disruption", "clauses": ", ".join(body["clauses"])},
            write=write_of(effect),
        )
        return Done(result={"claim_id": claim.claim_id})
