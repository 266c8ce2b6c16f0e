"""`make bench`: every measurement of the project, one after the other, as JSON and a plot in out/bench;
`python -m evals.bench PART ...` only those named. It compares nothing by the clock
of another day: the turns are measured beside the yardstick, in one run, as ratios."""

import argparse
import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from evals.bench_turns import BUDGETS
from evals.plot import Bar, draw

PARTS = (("bench_turns",), ("bench_policy", "--json"), ("bench_retrieval",), ("bench_events",))
NAMES = tuple(part for part, *_ in PARTS)


def parse(arguments: list[str]) -> list[str]:
    """The parts named on the command line; all of them where none is."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description="Measure; results are in out/bench.")
    parser.add_argument("part", nargs="*", type=_part, metavar="PART", help=f"{', '.join(NAMES)}; all by default")
    return parser.parse_args(arguments).part or list(NAMES)


def _part(name: str) -> str:
    """argparse's own choices refuse the empty list that stands for all of them."""
    if name not in NAMES:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(NAMES)}")
    return name


def main(parts: Collection[str], folder: Path = Path("out/bench")) -> int:
    """Runs each named part as a process of its own; 1 if one could not be measured or keeps no budget of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = [part for part, *arguments in PARTS if part in parts and not _run(part, arguments, folder)]
    if failed:
        sys.stdout.write(f"not measured or over budget: {', '.join(failed)}\n")
    return 1 if failed else 0


def _run(part: str, arguments: list[str], folder: Path) -> bool:
    sys.stdout.write(f"{part} ...\n")
    sys.stdout.flush()
    done = subprocess.run(  # noqa: S603 our own modules
        [sys.executable, "-m", f"evals.{part}", *arguments], capture_output=True, text=True, check=False
    )
    (folder / f"{part}.json").write_text(done.stdout, encoding="utf-8")
    sys.stdout.write(done.stdout)
    if done.returncode:
        sys.stdout.write(done.stderr[-500:])
    elif part == "bench_turns":
        found = json.loads(done.stdout)
        if "kept" in found:
            (folder / "bench_turns.svg").write_text(plot_turns(found), encoding="utf-8")
    return done.returncode == 0


def plot_turns(found: dict[str, Any]) -> str:
    """Every figure as a share of its budget."""
    bars = [
        Bar(
            label=name.replace("_", " "),
            share=found[name] / budget,
            told=f"{found[name]:g} ({sense} {budget:g})",
            kept=found["kept"][name],
        )
        for name, (sense, budget) in BUDGETS.items()
    ]
    return draw("Turns, beside the yardstick in one run", bars)


if __name__ == "__main__":
    sys.exit(main(parse(sys.argv[1:])))
