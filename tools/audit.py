"""What the executor leaves for the record: who did what, by which clause, with which facts. No names, no free text."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from knowledge.clause import ClauseRef

Confirmation = Literal["button", "typed", "caller", "staff", "resumed"]
"""caller: staff on the caller's word; staff: what is theirs to decide, such as goodwill."""


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """arguments_hash: SHA-256 of the canonical arguments, so that a later reader can prove but not read them."""

    kind: str
    tool: str
    outcome: str
    arguments_hash: str
    clauses: tuple[ClauseRef, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    trace: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()
    """The person's words that an allow relies on; confirming attests them."""
    proposal_id: str | None = None
    confirmed: Confirmation | None = None
    """How the person confirmed it."""


def hash_arguments(arguments: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical(arguments).encode()).hexdigest()


def canonical(value: object) -> str:
    """One text for one value: sorted keys, no blanks, every scalar that is not JSON as its str."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
