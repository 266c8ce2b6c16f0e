"""Staff's verdicts as cases for the evals, in the documented format of resolution cases.

A case holds the facts that policy was asked with and the names of options: no person, no case, no reason in free text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agent.desk.rates import name_of
from agent.resolution.resolving import Resolved
from agent.store.resolutions import KeptVerdict
from knowledge.values import write_value

TAKEN = frozenset({"accepted", "edited"})


def body_of(resolved: Resolved) -> dict[str, object]:
    """What is kept of a resolution: as it was shown, and what it was worked out from."""
    return {
        "shown": resolved.resolution.model_dump(mode="json"),
        "facts": {name: write_value(value) for name, value in resolved.facts.items()},
        "standing": asdict(resolved.standing),
    }


def harvest(verdicts: Sequence[KeptVerdict], bodies: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, object], ...]:
    """One case a resolution that staff judged: what they took first comes first, what else they took among three.

    never: what policy denied. What staff rejected is possible all the same, so it is told apart.
    """
    judged = dict.fromkeys(verdict.resolution_id for verdict in verdicts)
    cases = (
        _case(name, [v for v in verdicts if v.resolution_id == name], bodies[name]) for name in judged if name in bodies
    )
    return tuple(case for case in cases if case["first"] or case["never"])


def _case(name: str, verdicts: Sequence[KeptVerdict], body: Mapping[str, Any]) -> dict[str, object]:
    taken = [name_of(verdict.option) for verdict in verdicts if verdict.verdict in TAKEN]
    return {
        "id": name,
        "situation": body["shown"]["situation"],
        "facts": body["facts"],
        "standing": body["standing"],
        "first": taken[0] if taken else None,
        "among_first_three": taken[1:3],
        "never": list(_denied(body["shown"]["ineligible"])),
        "rejected": [name_of(verdict.option) for verdict in verdicts if verdict.verdict == "rejected"],
    }


def _denied(ineligible: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Not for a fact that was missing: by a clause."""
    return (name_of(option) for option in ineligible if option["clauses"] and not option["missing"])
