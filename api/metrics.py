"""What /metrics shows: this process's figures, and those the other workers of this home wrote down last."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.telemetry.process import process_gauges

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
EVERY_SECONDS = 5.0
Expose = Callable[[Mapping[str, float], Mapping[str, str]], str]


class Metrics:
    """folder: where workers leave their figures for one another; None for a process alone."""

    def __init__(self, expose: Expose | None = None, folder: Path | None = None) -> None:
        self._expose = expose
        self._folder = folder
        self._labels = {"process": str(os.getpid())}

    def show(self, gauges: Mapping[str, float]) -> str:
        told = {**gauges, **process_gauges()}
        own = self._expose(told, self._labels) if self._expose else _plain(told, self._labels)
        return own + "".join(self._others())

    async def share(self) -> None:
        """Until cancelled."""
        if self._folder is None or self._expose is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        mine = self._folder / f"{os.getpid()}.prom"
        try:
            while True:
                draft = mine.with_suffix(".new")
                draft.write_text(self._expose(process_gauges(), self._labels), encoding="utf-8")
                draft.replace(mine)
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            mine.unlink(missing_ok=True)

    def _others(self) -> list[str]:
        """A dead worker's figures go with it."""
        told = []
        for path in sorted(self._folder.glob("*.prom")) if self._folder and self._folder.exists() else ():
            if path.stem == str(os.getpid()):
                continue
            if Path(f"/proc/{path.stem}").exists():
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                told.append("".join(line for line in lines if not line.startswith("#")))
            else:
                path.unlink(missing_ok=True)
        return told


def _plain(gauges: Mapping[str, float], labels: Mapping[str, str]) -> str:
    own = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return "".join(f"# TYPE {name} gauge\n{name}{{{own}}} {value}\n" for name, value in gauges.items())
