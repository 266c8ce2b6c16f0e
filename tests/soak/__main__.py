"""`python -m tests.soak [CHECK ...]`: the long checks, or those named. Started again after a stop, it goes on."""

import argparse
import hashlib
import subprocess
import sys
from functools import partial

from tests.soak.checks import ROOT, find_checks, play
from tests.soak.figures import OUT
from tests.soak.running import run_all


def main() -> int:
    checks = find_checks()
    known = [check.name for check in checks]
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Run the long checks, or go on.")
    parser.add_argument("check", nargs="*", metavar="CHECK", help=f"{', '.join(known)}; all by default")
    wanted: list[str] = parser.parse_args().check
    if unknown := [name for name in wanted if name not in known]:
        print(f"There is no check {unknown[0]}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [check for check in checks if not wanted or check.name in wanted]
    try:
        passed = run_all(chosen, commit(), OUT, play, partial(print, flush=True))
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    print(f"The summary is in {OUT / 'summary.json'}")
    return 0 if passed else 1


def commit() -> str:
    """HEAD; with changes that are not committed, also what they are."""
    head, changes = _git("rev-parse", "HEAD").decode().strip(), _git("diff", "HEAD")
    return f"{head}+{hashlib.sha256(changes).hexdigest()[:12]}" if changes else head


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603, S607


if __name__ == "__main__":
    sys.exit(main())
