"""Reindex a folder and die in the middle, as a killed process does: run by test_index."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.chroma import connect
from knowledge.embeddings import Vectors
from knowledge.entries import Entry
from knowledge.index import VectorIndex


class Dying:
    """Embeds one batch, then takes the process down."""

    model_id = "counting"
    dimension = 3

    def __init__(self) -> None:
        self._batches = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self._batches += 1
        if self._batches > 1:
            os._exit(9)
        return np.ones((len(texts), self.dimension), dtype=np.float32)


if __name__ == "__main__":
    entries = [Entry(id=f"N{number}", text=f"new {number}", kind="wording", chunk=number) for number in range(600)]
    VectorIndex(connect(Path(sys.argv[1])), Dying()).bring_up_to_date(entries)
