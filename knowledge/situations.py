"""Made-up situations for a pack: whole sets of facts, drawn around the figures and words its own rules compare with.

Each starts from a case of some clause, so that rules hold often enough to meet; everything else is drawn. Seeded, so
that one pack always meets the same situations. Journeys are real pairs of airports: regions and distances agree.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from knowledge.cases import CaseBook
from knowledge.clause import Clause
from knowledge.expression import Expression, names_in
from knowledge.facts import route_facts
from knowledge.pack import PolicyPack
from knowledge.values import Kind, Value
from knowledge.vocabulary import FACTS

_ROUTES = (
    *(("MUC", "MAD"), ("FRA", "JFK"), ("JFK", "FRA"), ("LHR", "FRA"), ("FRA", "LHR"), ("LHR", "JFK"), ("CDG", "RUN")),
    *(("YYZ", "FRA"), ("FRA", "YYZ"), ("YYZ", "YVR"), ("ORD", "DEN"), ("JFK", "LHR"), ("FRA", "DXB"), ("OSL", "LPA")),
)
_LITERAL = re.compile(r'"([^"]*)"')
_CURRENCIES = ("EUR", "EUR", "GBP", "USD", "CAD")
_SEED = 261
_DEFAULTS: Mapping[Kind, tuple[Value, ...]] = {
    "bool": (True, False),
    "int": (0, 1, 2),
    "double": (0.0, 1.0),
    "string": ("other",),
    "strings": ((),),
    "duration": (timedelta(), timedelta(hours=1), timedelta(days=100)),
    "timestamp": (),
}


def situations(pack: PolicyPack, book: CaseBook, count: int) -> Iterator[dict[str, Value]]:
    """Draw situations in which every fact that the pack's rules mention has a value."""
    domains, starts = _domains(pack), _starts(book)
    draw = random.Random(_SEED)  # noqa: S311 - examples, not secrets
    for _ in range(count):
        facts = {name: draw.choice(values) for name, values in domains.items() if values}
        facts["booking.currency"] = draw.choice(_CURRENCIES)
        facts["flight.departure"] = datetime(2026, draw.randint(1, 12), 1, 12, tzinfo=UTC)
        facts["booking.booked_on"] = datetime(2025, draw.randint(1, 12), 1, 12, tzinfo=UTC)
        facts |= route_facts(*draw.choice(_ROUTES))
        yield _plausible(facts | (draw.choice(starts) if starts else {}) | {"claim.regime": "any"})


def _starts(book: CaseBook) -> list[dict[str, Value]]:
    """The facts of every case, without derived facts, which a situation computes itself."""
    cases = (case for cases, _ in book.values() for case in cases)
    return [{name: value for name, value in case.facts.items() if name in FACTS} for case in cases]


def _plausible(facts: dict[str, Value]) -> dict[str, Value]:
    """Take back what cannot be together: a flight that ran to time has no delay."""
    if facts.get("flight.event") == "none":
        facts["flight.departure_delay"] = facts["flight.arrival_delay"] = timedelta()
    return facts


def _domains(pack: PolicyPack) -> Mapping[str, Sequence[Value]]:
    found: dict[str, list[Value]] = {}
    for clause in pack.clauses:
        for expression in _expressions(clause):
            for name in expression.facts:
                if name in FACTS:
                    found.setdefault(name, list(_DEFAULTS[FACTS[name].type])).extend(_values(name, expression, clause))
    return {name: list(dict.fromkeys(values)) for name, values in sorted(found.items())}


def _expressions(clause: Clause) -> Iterator[Expression]:
    yield from clause.defines.values()
    for rule in clause.rules:
        yield from ([rule.when] if rule.when else [])
        yield from (amount.expression for amount in rule.amounts)


def _values(name: str, expression: Expression, clause: Clause) -> Iterator[Value]:
    """Values at and around what a fact is compared with."""
    kind = FACTS[name].type
    for part in re.split(r"&&|\|\||\?|:", expression.text):
        if name not in names_in(part):
            continue
        if kind == "string":
            yield from _LITERAL.findall(part)
        for term in (clause.terms[found] for found in expression.terms if f"term.{found}" in part):
            if kind == "string" and isinstance(term.value, tuple):
                yield from term.value
            elif term.kind == kind:
                yield from _around(term.value)


def _around(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, timedelta):
        yield from (value - timedelta(minutes=1), value + timedelta(minutes=1))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from (value - 1, value + 1)
