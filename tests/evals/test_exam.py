"""An exam is any folder of documents and queries; what cannot be scored is said."""

import json
from pathlib import Path

import pytest

from evals.exam import read_exam, score, sit
from knowledge.chroma import connect
from knowledge.embeddings import MiniLM
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer

DOCUMENTS = [
    {"id": "dogs", "title": "Dogs", "content": "A dog flies in the cabin."},
    {"id": "bikes", "title": "Bicycles", "content": "A bicycle goes in the hold."},
]


def folder_of(path: Path, *queries: object) -> Path:
    (path / "documents.jsonl").write_text("\n".join(map(json.dumps, DOCUMENTS)))
    (path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    return path


def test_queries_that_name_no_known_document_are_unscored(tmp_path: Path) -> None:
    folder_of(
        tmp_path,
        {"id": 1, "query": "puppy", "relevant": ["dogs", "gone"]},
        {"id": 2, "query": "x", "relevant": ["gone"]},
        {"id": 3, "query": "x", "relevant": "dogs"},
        {"id": 4},
    )
    exam = read_exam(tmp_path)
    assert [query.relevant for query in exam.queries] == [{"dogs"}]
    assert len(exam.unscored) == 3


def test_a_folder_without_the_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_exam(tmp_path)


def test_hits_and_recall_are_counted_by_depth(tmp_path: Path) -> None:
    exam = read_exam(folder_of(tmp_path, {"id": 1, "query": "q", "relevant": ["dogs", "bikes"]}))
    found = score("fixed", lambda query: ["x", "y", "z", "dogs", *"abcdefghijklmnop", "bikes"], exam.queries)
    assert (found.hit_at_3.value, found.hit_at_5.value, found.recall_at_20) == (0.0, 1.0, 0.5)


def test_naive_methods_stand_beside_ours(embedder: MiniLM, tokenizer: Tokenizer, tmp_path: Path) -> None:
    exam = read_exam(
        folder_of(
            tmp_path,
            {"id": 1, "query": "may my puppy come along", "relevant": ["dogs"]},
            {"id": 2, "query": "bicycle", "relevant": ["bikes"]},
        )
    )
    base = KnowledgeBase(
        embedder=embedder, tokenizer=tokenizer, connect=lambda: connect(tmp_path / "chroma"), floor=0.0
    )
    scores = sit(exam, base, embedder)
    base.close()
    assert [one.method for one in scores] == ["naive BM25", "naive vectors", "naive fusion", "ours"]
    assert scores[-1].hit_at_3.value == 1.0
