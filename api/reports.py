"""What the HTTP side needs of the runs of evals. evals/library.py is the real one; an entry point hands it over."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from api.tickets import Tickets


class Library(Protocol):
    """runs and compare give records that the views of api/routes/evals.py are read from. None: no such run."""

    @property
    def script_source(self) -> str:
        """The script that a report may run, as a Content-Security-Policy names it."""
        ...

    def runs(self) -> object: ...

    def compare(self, a: str, b: str) -> object | None: ...

    def report(self, run_id: str) -> Path | None: ...


@dataclass(frozen=True, kw_only=True)
class Evals:
    library: Library
    tickets: Tickets
