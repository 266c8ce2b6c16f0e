"""The options of a booking as list_resolutions tells them to the customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.desk.views import CustomerOption
from agent.resolution.situations import Situation
from knowledge.clause import ClauseRef


@dataclass(frozen=True, kw_only=True)
class ProjectedOptions:
    title: str
    possible: Sequence[str]
    impossible: Sequence[str]
    clauses: tuple[ClauseRef, ...]
    data: Mapping[str, object]


def project(situation: Situation, options: Sequence[CustomerOption]) -> ProjectedOptions:
    possible = [option for option in options if option.eligible]
    others = [option for option in options if not option.eligible and option.clauses]
    clauses = dict.fromkeys(
        ClauseRef(clause_id=c.clause_id, version=c.version, title=c.title)
        for option in (*possible, *others)
        for c in option.clauses
    )
    return ProjectedOptions(
        title=situation.title,
        possible=[_line(option) for option in possible],
        impossible=[_line(option) for option in others],
        clauses=tuple(clauses),
        data={"situation": situation.name, "options": [_told(option) for option in options]},
    )


def _line(option: CustomerOption) -> str:
    return f"{option.label}: {option.why}"


def _told(option: CustomerOption) -> dict[str, object]:
    shown = option.model_dump(include={"action", "eligible", "label", "ask"})
    return {**shown, "amounts": [amount.model_dump() for amount in option.amounts]}
