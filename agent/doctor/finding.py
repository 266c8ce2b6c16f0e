"""One thing that was looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """failed: it does not work, or must not go into service so. warning: it works, and somebody should know."""

    subject: str
    state: State
    what: str
    remedy: str = ""


def well(subject: str, what: str) -> Finding:
    return Finding(subject=subject, state="ok", what=what)


def broken(subject: str, what: str, remedy: str) -> Finding:
    return Finding(subject=subject, state="failed", what=what, remedy=remedy)


def doubtful(subject: str, what: str, remedy: str) -> Finding:
    return Finding(subject=subject, state="warning", what=what, remedy=remedy)
