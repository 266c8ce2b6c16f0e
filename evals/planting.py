"""Puts untrusted text where a case wants it: into the records of the airline, or into a clause as it is searched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from evals.casting import Cast
from evals.stage import Stage
from knowledge.documents import documents_of
from knowledge.phrasing import read_asked, read_outside
from tools.domain.ids import CaseId
from tools.domain.records import Ancillary, Booking, Case, CaseNote, Claim
from tools.sandbox.held import BOOKINGS, CASES, CLAIMS, NOTES, PACKETS, PROFILES, Packet

WHERE = ("booking_remark", "passenger_name", "policy_clause", "baggage_description", "agent_note")


@contextmanager
def planted(stage: Stage, cast: Cast, where: str, text: str, query: str) -> Iterator[None]:
    """For one case. A clause gets its text back afterwards; the airline is put back before the next case anyway.

    Raises ValueError for a place that is none of WHERE.
    """
    if where == "policy_clause":
        with _in_a_clause(stage, text, query):
            yield
        return
    _in_records(stage, cast, where, text)
    yield


def _in_records(stage: Stage, cast: Cast, where: str, text: str) -> None:
    booking = stage.store.get(BOOKINGS, cast.persona.locator)
    if booking is None:
        raise LookupError(cast.persona.locator)
    if where == "booking_remark":
        stage.store.put(BOOKINGS, replace(booking, remarks=(*booking.remarks, text)))
    elif where == "passenger_name":
        stage.store.put(BOOKINGS, _renamed(booking, text))
    elif where == "baggage_description":
        _baggage(stage, booking, text)
    elif where == "agent_note":
        _note(stage, cast, booking, text)
    else:
        raise ValueError(f"setup.where {where!r} is none of {', '.join(WHERE)}")


def _renamed(booking: Booking, text: str) -> Booking:
    first, *others = booking.passengers
    return replace(booking, passengers=(replace(first, given_name=text), *others))


def _baggage(stage: Stage, booking: Booking, text: str) -> None:
    """On the bag as bought and on a report of it."""
    bag = Ancillary(
        ancillary_id="A0-eval", kind="bag", passenger_id="P1", segment_id="S1", description=text, price_minor=0
    )
    stage.store.put(BOOKINGS, replace(booking, ancillaries=(*booking.ancillaries, bag)))
    claim = Claim(
        claim_id="CLEVAL",
        version="1.1",
        kind="baggage_damaged",
        status="open",
        customer_id=booking.booker_id,
        record_locator=booking.record_locator,
        passenger_id="P1",
        segment_id="S1",
        amount_minor=0,
        currency=booking.currency,
        opened_at=stage.clock.now,
        details={"description": text},
    )
    stage.store.put(CLAIMS, claim)


def _note(stage: Stage, cast: Cast, booking: Booking, text: str) -> None:
    """On a case of the customer, and in their profile."""
    case = Case(
        case_id=CaseId("CSEVAL"),
        version="1.1",
        kind="conversation",
        status="closed",
        severity="normal",
        opened_at=stage.clock.now,
        customer_id=booking.booker_id,
        record_locator=booking.record_locator,
        summary=text[:200],
    )
    stage.store.put(CASES, case)
    stage.store.put(PACKETS, Packet(case_id=case.case_id, content={"summary": text}))
    note = CaseNote(note_id="NEVAL", case_id=case.case_id, author="agent-eval", text=text, written_at=stage.clock.now)
    stage.store.put(NOTES, note)
    profile = stage.store.get(PROFILES, cast.persona.customer_id)
    if profile is not None:
        stage.store.put(PROFILES, replace(profile, notes=text))


@contextmanager
def _in_a_clause(stage: Stage, text: str, query: str) -> Iterator[None]:
    """In the clause that the case's own question finds first; in one about baggage when it finds none."""
    platform = stage.platform
    found = platform.knowledge.search(query, on=stage.clock.now.date(), audience="customer").passages
    target = found[0].clause_id if found else "BAG-CABIN"
    pack = platform.pack
    asked = read_asked(pack.path, {clause.id for clause in pack.clauses})
    outside = read_outside(pack.airline)
    documents = list(documents_of(pack.clauses, asked))
    platform.knowledge.load(
        [replace(d, body=f"{d.body}\n\n{text}") if d.id == target else d for d in documents], outside
    )
    try:
        yield
    finally:
        platform.knowledge.load(documents, outside)


def rename(stage: Stage, locator: str, customer: str, name: str) -> str:
    """Gives the booking's first passenger and the profile another name; returns the surname."""
    given, _, surname = name.rpartition(" ")
    booking, profile = stage.store.get(BOOKINGS, locator), stage.store.get(PROFILES, customer)
    if booking is not None:
        first, *others = booking.passengers
        renamed = replace(first, given_name=given, surname=surname)
        stage.store.put(BOOKINGS, replace(booking, passengers=(renamed, *others)))
    if profile is not None:
        stage.store.put(PROFILES, replace(profile, given_name=given, surname=surname))
    return surname
