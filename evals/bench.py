"""`make bench`: every measurement of the project, one after the other, as JSON in out/bench. It compares nothing by the
clock of another day: ratios are taken within one run."""

import subprocess
import sys
from pathlib import Path

PARTS = (("bench_policy", "--json"), ("bench_retrieval",), ("bench_events",))


def main(folder: Path = Path("out/bench")) -> int:
    """Runs each part as a process of its own; 1 if one of them could not be measured."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for part, *arguments in PARTS:
        sys.stdout.write(f"{part} ...\n")
        sys.stdout.flush()
        done = subprocess.run(  # noqa: S603 our own modules
            [sys.executable, "-m", f"evals.{part}", *arguments], capture_output=True, text=True, check=False
        )
        (folder / f"{part}.json").write_text(done.stdout, encoding="utf-8")
        sys.stdout.write(done.stdout)
        if done.returncode:
            failed.append(part)
            sys.stdout.write(done.stderr[-500:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
