"""The long checks: every test marked `soak`, a file at a time, and the hostile conversations in full number."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.figures import FOLDER

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Check:
    """name: also of its files. counts: environment variables that say how much, beside the defaults of the tests."""

    name: str
    arguments: tuple[str, ...]
    counts: Mapping[str, str] = field(default_factory=dict)


_MARK = "mark." + "soak"
HOSTILE = Check("hostile-conversations", ("tests/hostile",), {"HOSTILE_CONVERSATIONS": "2000"})


def find_checks() -> tuple[Check, ...]:
    files = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if _MARK in path.read_text(encoding="utf-8"))
    return (*(_marked(path.relative_to(ROOT)) for path in files), HOSTILE)


def play(check: Check, out: Path) -> int:
    """-> pytest's exit code. Its output, its JUnit report and the figures of its tests lie in `out`."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        *check.arguments,
        "--timeout=0",
        "--junitxml",
        str(out / f"{check.name}.xml"),
    ]
    environment = {**os.environ, **check.counts, FOLDER: str(out / "figures" / check.name)}
    with (out / f"{check.name}.log").open("wb") as log:
        process = subprocess.run(  # noqa: S603
            command, cwd=ROOT, check=False, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    return process.returncode


def _marked(file: Path) -> Check:
    name = "-".join((*file.parts[1:-1], file.stem.removeprefix("test_")))
    return Check(name, ("-m", "soak", file.as_posix()))
