"""What this process holds: the figures that show a leak before it hurts."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

_SELF = Path("/proc/self")


def process_gauges() -> Mapping[str, float]:
    """Under Prometheus' usual names. Without /proc only the tasks."""
    gauges = {"concierge_tasks": float(len(asyncio.all_tasks()))}
    if not _SELF.exists():
        return gauges
    pages = int((_SELF / "statm").read_text(encoding="ascii").split()[1])
    return {
        **gauges,
        "process_resident_memory_bytes": float(pages * os.sysconf("SC_PAGE_SIZE")),
        "process_open_fds": float(len(os.listdir(_SELF / "fd")) - 1),  # without the one that lists them
    }
