"""Situations and their candidate actions, read from data."""

import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

from knowledge.values import Value
from tools.domain.records import Severity


@dataclass(frozen=True, kw_only=True)
class Candidate:
    tool: str
    serves: float
    effort: float
    cost: int = 0
    value: int = 0
    arguments: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The tool, and what of it when a situation has it twice: issue_goodwill:miles."""
        kind = self.arguments.get("kind")
        return f"{self.tool}:{kind}" if kind else self.tool


@dataclass(frozen=True, kw_only=True)
class Situation:
    name: str
    title: str
    severity: Severity
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """See weights.yaml for what each does."""

    serves: float
    value: float
    cost: float
    effort: float
    tier: float
    severity: float
    past_contacts: float
    approval: float
    scale: int
    tiers: Mapping[str, float]
    severities: Mapping[str, float]
    closeness: Mapping[str, float]
    charges: tuple[str, ...]


@cache
def situations() -> Mapping[str, Situation]:
    raw = _read("situations.yaml")
    return MappingProxyType(
        {
            name: Situation(
                name=name,
                title=entry["title"],
                severity=entry["severity"],
                candidates=tuple(Candidate(**candidate) for candidate in entry["candidates"]),
            )
            for name, entry in raw.items()
        }
    )


@cache
def weights() -> Weights:
    raw = _read("weights.yaml")
    return Weights(**{**raw, "charges": tuple(raw["charges"])})


def _read(name: str) -> dict[str, Any]:
    text = (importlib.resources.files("agent.resolution") / name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)  # type: ignore[no-any-return]
