"""Tickets for what a browser fetches without an Authorization header: each opens one thing, once, within half a minute.

They lie as files in the home, so that any process that serves it takes them, whichever issued them.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 30


class Tickets:
    """Of a ticket only its hash is kept: who reads the folder can use none of them."""

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._now = now

    def issue(self, thing: str) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        ticket = secrets.token_urlsafe(32)
        self._place(ticket).write_text(f"{self._now() + SECONDS} {thing}", encoding="utf-8")
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """What it was issued for. Of two who show the same ticket at once, the one who removes it has it."""
        place = self._place(ticket)
        try:
            until, _, thing = place.read_text(encoding="utf-8").partition(" ")
            place.unlink()
        except FileNotFoundError:
            return None
        return thing if self._now() <= float(until) else None

    def _place(self, ticket: str) -> Path:
        return self._folder / hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()

    def _sweep(self) -> None:
        for path in self._folder.iterdir():
            try:
                until = float(path.read_text(encoding="utf-8").partition(" ")[0])
            except (FileNotFoundError, ValueError):
                continue  # used meanwhile, or being written
            if until < self._now():
                path.unlink(missing_ok=True)
