"""The case service of the contact centre: a queue by severity, then by age."""

import secrets
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, JsonValue

from tools.domain.ids import CaseId, CustomerId, RecordLocator
from tools.domain.records import Case, CaseNote, Severity
from tools.sandbox.booking import own_customer
from tools.sandbox.contract import (
    Airline,
    AirlineNow,
    Asked,
    Body,
    Incoming,
    Items,
    list_response,
    record_answer,
    record_response,
    value_response,
)
from tools.sandbox.held import BOOKINGS, CASES, NOTES, PACKETS, PROFILES, Packet, next_version
from tools.sandbox.problems import invalid, missing, rejected
from tools.sandbox.store import Answer, Store

router = APIRouter(prefix="/case/v1", tags=["case"])

_RANK: dict[Severity, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


class NewCase(Body):
    kind: Annotated[str, Field(min_length=1, max_length=60)]
    severity: Severity
    summary: Annotated[str, Field(max_length=4_000)]
    packet: dict[str, JsonValue] = Field(default_factory=dict)
    customer_id: str | None = None
    record_locator: str | None = None
    conversation_id: str | None = None


class CaseChange(Body):
    status: Literal["queued", "assigned", "closed"]
    assignee: str | None = None


class CaseMove(Body):
    customer_id: str


class NewNote(Body):
    text: Annotated[str, Field(min_length=1, max_length=4_000)]


@router.get("/cases/{case_id}", response_model=Case)
async def get_case(case_id: str, airline: AirlineNow, asked: Asked) -> Response:
    case = placed(airline.store, airline.owned(CASES, case_id, asked.caller))
    return record_response(CASES, case, version=case.version)


@router.get("/cases", response_model=Items[Case])
async def list_cases(
    airline: AirlineNow, asked: Asked, customer_id: str | None = None, status: str | None = None
) -> Response:
    """A customer's cases, or the queue in its order (status=queued, staff)."""
    if customer_id is not None:
        found = airline.store.find(CASES, own_customer(asked.caller, customer_id))
        return list_response(CASES, [placed(airline.store, case) for case in found])
    asked.caller.must_be_staff()
    if status == "queued":
        return list_response(CASES, queue(airline.store))
    return list_response(CASES, airline.store.find(CASES, f"status:{status}"))


@router.get("/cases/{case_id}/packet", response_model=dict[str, JsonValue])
async def get_packet(case_id: str, airline: AirlineNow, asked: Asked) -> Response:
    """What the case was opened with."""
    asked.caller.must_be_staff()
    kept = airline.store.get(PACKETS, case_id)
    if kept is None:
        raise missing()
    return value_response(dict(kept.content))


@router.get("/cases/{case_id}/notes", response_model=Items[CaseNote])
async def list_notes(case_id: str, airline: AirlineNow, asked: Asked) -> Response:
    asked.caller.must_be_staff()
    found = airline.store.find(NOTES, f"case:{case_id}")
    return list_response(NOTES, sorted(found, key=lambda note: note.written_at))


@router.post("/cases", response_model=Case, status_code=201)
async def open_case(body: NewCase, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _open(airline, asked, body))


@router.patch("/cases/{case_id}", response_model=Case)
async def update_case(case_id: str, body: CaseChange, airline: AirlineNow, asked: Asked) -> Response:
    """Taken (assigned), given back (queued) or closed."""
    return airline.write(asked, body, lambda: _update(airline, asked, case_id, body))


@router.put("/cases/{case_id}/customer", response_model=Case)
async def move_case(case_id: str, body: CaseMove, airline: AirlineNow, asked: Asked) -> Response:
    """To the customer that another one was merged into. Staff and systems only."""
    return airline.write(asked, body, lambda: _move(airline, asked, case_id, body))


@router.post("/cases/{case_id}/notes", response_model=CaseNote, status_code=201)
async def add_note(case_id: str, body: NewNote, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _note(airline, asked, case_id, body))


def queue(store: Store) -> list[Case]:
    waiting = sorted(store.find(CASES, "status:queued"), key=lambda c: (_RANK[c.severity], c.opened_at, c.case_id))
    return [replace(case, position=place) for place, case in enumerate(waiting, start=1)]


def placed(store: Store, case: Case) -> Case:
    """The case with its place in the queue as of now."""
    if case.status != "queued":
        return replace(case, position=0)
    return next(waiting for waiting in queue(store) if waiting.case_id == case.case_id)


def _open(airline: Airline, asked: Incoming, body: NewCase) -> Answer:
    if body.customer_id is not None and not airline.acts_for(asked.caller, body.customer_id):
        raise missing()
    if body.record_locator is not None:
        airline.owned(BOOKINGS, body.record_locator, asked.caller)
    case = Case(
        case_id=CaseId(f"CS{secrets.token_hex(4).upper()}"),
        version=airline.first_version(),
        kind=body.kind,
        status="queued",
        severity=body.severity,
        opened_at=airline.now(),
        customer_id=CustomerId(body.customer_id) if body.customer_id else None,
        record_locator=RecordLocator(body.record_locator) if body.record_locator else None,
        conversation_id=body.conversation_id,
        summary=body.summary,
    )
    airline.store.put(CASES, case)
    airline.store.put(PACKETS, Packet(case_id=case.case_id, content=body.packet))
    return record_answer(CASES, placed(airline.store, case), status=201, version=case.version)


def _update(airline: Airline, asked: Incoming, case_id: str, body: CaseChange) -> Answer:
    asked.caller.must_be_staff()
    case = airline.owned(CASES, case_id, asked.caller)
    asked.check_version(case.version)
    if case.status == "closed":
        raise rejected("case-closed", f"Case {case_id} is closed.")
    if (body.status == "assigned") != (body.assignee is not None) and body.status != "closed":
        raise invalid("An assigned case has an assignee, a queued one has none.")
    changed = replace(
        case,
        status=body.status,
        assignee=body.assignee or (case.assignee if body.status == "closed" else None),
        version=next_version(case.version),
    )
    airline.store.put(CASES, changed)
    return record_answer(CASES, placed(airline.store, changed), version=changed.version)


def _move(airline: Airline, asked: Incoming, case_id: str, body: CaseMove) -> Answer:
    asked.caller.must_be_staff()
    case = airline.owned(CASES, case_id, asked.caller)
    asked.check_version(case.version)
    airline.owned(PROFILES, body.customer_id, asked.caller)
    moved = replace(case, customer_id=CustomerId(body.customer_id), version=next_version(case.version))
    airline.store.put(CASES, moved)
    return record_answer(CASES, placed(airline.store, moved), version=moved.version)


def _note(airline: Airline, asked: Incoming, case_id: str, body: NewNote) -> Answer:
    asked.caller.must_be_staff()
    case = airline.owned(CASES, case_id, asked.caller)
    note = CaseNote(
        note_id=f"N{secrets.token_hex(6)}",
        case_id=case.case_id,
        author=asked.caller.subject,
        text=body.text,
        written_at=airline.now(),
    )
    airline.store.put(NOTES, note)
    return record_answer(NOTES, note, status=201)
