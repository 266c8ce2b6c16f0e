"""The facts of one decision, and what each clause says of them on its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from knowledge.clause import Audience, Basis, Clause, Rule
from knowledge.expression import Expression, Facts, Inputs, Language
from knowledge.values import fits, render


class FactError(ValueError):
    """A fact that is not in the vocabulary, or a value of another type: the caller's mistake."""


class Rulebook(Protocol):
    """What a decision needs of a pack."""

    @property
    def language(self) -> Language: ...
    @property
    def derivations(self) -> Sequence[Sequence[str]]:
        """Names of derived facts, in layers: each needs only the layers before it."""
        ...

    def definers(self, name: str) -> Sequence[Clause]: ...
    def governing(self, action: str) -> Sequence[Sequence[Clause]]:
        """The clauses that govern an action, grouped as the versions of one id."""
        ...

    def derived_for(self, action: str) -> frozenset[str]: ...
    def needed_by(self, clause: Clause) -> frozenset[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one clause says. `rule` is its first rule that is not false."""

    clause: Clause
    state: Literal["holds", "unknown", "not_applicable"]
    rule: Rule | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """The facts of one decision, given and derived, ready to be judged on."""

    inputs: Inputs
    days: Mapping[Basis, date | None]
    roots: Mapping[str, tuple[str, ...]]
    """For a derived fact, the facts it was computed from."""
    trace: tuple[str, ...]
    audience: Audience

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Expand derived names into the facts that someone can supply."""
        facts = self.inputs.facts
        found = (root for name in names if name not in facts for root in self.roots.get(name, (name,)))
        return tuple(dict.fromkeys(root for root in found if root not in facts))


def prepare(
    pack: Rulebook,
    facts: Facts,
    wanted: frozenset[str],
    now: datetime,
    *,
    audience: Audience = "staff",
    only: Clause | None = None,
) -> Bench:
    _check(facts, pack.language)
    days = _basis_days(facts, now)
    known, roots, trace = dict(facts), dict[str, tuple[str, ...]](), list[str]()
    inputs = pack.language.bind(known)
    for layer in pack.derivations:
        added = False
        for name in layer:
            definer = _in_force(pack.definers(name), days)[0]
            definer = only if only and name in only.defines else definer
            if name not in wanted or name in known or definer is None:
                continue
            expression = definer.defines[name]
            roots[name] = _roots(expression, roots)
            result = expression.evaluate(inputs)
            if result.ok and result.value is not None:
                known[name], added = result.value, True
                trace.append(f"{definer.label} gives {name} = {render(result.value)}")
        inputs = pack.language.bind(known) if added else inputs
    return Bench(inputs=inputs, days=days, roots=roots, trace=tuple(trace), audience=audience)


def _roots(expression: Expression, roots: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(root for name in expression.facts for root in roots.get(name, (name,))))


def _check(facts: Facts, language: Language) -> None:
    for name, value in facts.items():
        kind = language.kinds.get(name)
        if kind is None:
            raise FactError(f"'{name}' is not in the fact vocabulary")
        if not fits(kind, value):
            raise FactError(f"{name} must be {kind}, not {type(value).__name__}")


def _basis_days(facts: Facts, now: datetime) -> Mapping[Basis, date | None]:
    return {
        "today": now.date(),
        "booked_on": _day(facts, "booking.booked_on"),
        "travel_on": _day(facts, "flight.departure"),
    }


def _day(facts: Facts, name: str) -> date | None:
    moment = facts.get(name)
    return moment.date() if isinstance(moment, datetime) else None


_BASIS_FACTS: Mapping[Basis, str] = {"booked_on": "booking.booked_on", "travel_on": "flight.departure", "today": ""}


def _in_force(versions: Sequence[Clause], days: Mapping[Basis, date | None]) -> tuple[Clause | None, str]:
    """The version in force, and the missing basis date when it could be another one."""
    basis = versions[0].effective.basis
    day = days[basis]
    doubt = _BASIS_FACTS[basis] if day is None and len(versions) > 1 else ""
    judged_on = day or days["today"]
    current = [clause for clause in versions if judged_on and clause.effective.covers(judged_on)]
    return (current[0] if current else None), doubt


def judge_versions(versions: Sequence[Clause], bench: Bench) -> Verdict | None:
    clause, doubt = _in_force(versions, bench.days)
    if doubt:
        return Verdict(clause=clause or versions[-1], state="unknown", missing=(doubt,))
    return judge_clause(clause, bench) if clause else None


def judge_clause(clause: Clause, bench: Bench) -> Verdict:
    outside, missing = _scope(clause, bench.inputs.facts)
    if outside:
        return Verdict(clause=clause, state="not_applicable")
    if missing:
        return Verdict(clause=clause, state="unknown", missing=missing)
    for rule in clause.rules:
        if rule.when is None:
            return Verdict(clause=clause, state="holds", rule=rule)
        result = rule.when.evaluate(bench.inputs)
        if not result.ok:
            return Verdict(clause=clause, state="unknown", rule=rule, missing=bench.missing(result.missing))
        if result.value:
            return Verdict(clause=clause, state="holds", rule=rule)
    return Verdict(clause=clause, state="not_applicable")


_SCOPE_FACTS: Mapping[str, tuple[str, ...]] = {
    "from": ("flight.origin_regions", "flight.origin_country", "flight.origin"),
    "to": ("flight.destination_regions", "flight.destination_country", "flight.destination"),
    "carrier": ("flight.carrier",),
    "cabin": ("flight.cabin",),
}


def _scope(clause: Clause, facts: Facts) -> tuple[bool, tuple[str, ...]]:
    """Whether the facts lie outside a clause's scope, and else which facts are missing to tell."""
    missing: list[str] = []
    for key, wanted in clause.scope.items():
        values = [facts[name] for name in _SCOPE_FACTS[key] if name in facts]
        spoken = {item for value in values for item in (value if isinstance(value, tuple) else (value,))}
        if spoken & set(wanted):
            continue
        if len(values) == len(_SCOPE_FACTS[key]):
            return True, ()
        missing += [name for name in _SCOPE_FACTS[key] if name not in facts]
    return False, tuple(missing)
