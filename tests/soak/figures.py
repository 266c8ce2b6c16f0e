"""What a long check measured, kept as JSON where the summary of all checks finds it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

OUT = Path(__file__).parents[2] / "out" / "soak"
FOLDER = "SOAK_FIGURES"
"""The environment variable that names where; `python -m tests.soak` sets it. Without it nothing is kept."""


def keep_figures(name: str, figures: Mapping[str, object]) -> None:
    if where := os.environ.get(FOLDER):
        folder = Path(where)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
