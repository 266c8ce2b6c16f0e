"""Documents are ranked by their best chunk in each list."""

import numpy as np

from knowledge.chunks import Chunk, Document
from knowledge.ranking import POOL, by_score, fuse


def chunks(*names: str) -> list[Chunk]:
    return [
        Chunk(document=Document(id=name, title=name, body=""), ordinal=number, heading="", text=f"{name}{number}")
        for number, name in enumerate(names)
    ]


def test_scores_are_ranked_best_first_without_zeros() -> None:
    assert by_score(np.array([0.0, 2.0, 1.0], dtype=np.float32)) == [1, 2]
    many = by_score(np.arange(1, POOL * 3, dtype=np.float32))
    assert len(many) == POOL
    assert many[0] == POOL * 3 - 2


def test_a_document_that_both_lists_find_comes_first() -> None:
    found = fuse(chunks("A", "B", "C"), [[0, 1], [1, 2]])
    assert [chunk.chunk for chunk in found] == [1, 0, 2]


def test_many_chunks_of_one_document_count_once_a_list() -> None:
    found = fuse(chunks("A", "A", "A", "B"), [[0, 1, 2, 3], [3]])
    assert [chunk.chunk for chunk in found] == [3, 0]


def test_the_chunk_shown_is_the_one_that_ranked_best() -> None:
    found = fuse(chunks("A", "A", "B"), [[2, 1], [0]])
    assert [chunk.chunk for chunk in found] == [0, 2]
