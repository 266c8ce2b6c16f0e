"""The search that ships, over the pack that ships, keeps its promises on both halves of the labelled questions."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from evals.retrieval import SUITE, read_questions, score
from knowledge.chroma import connect
from knowledge.embeddings import MiniLM
from knowledge.library import open_library
from knowledge.pack import PolicyPack
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def library(
    indexed_home: Path,
    pack: PolicyPack,
    embedder: MiniLM,
    tokenizer: Tokenizer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("retrieval") / "chroma"
    shutil.copytree(indexed_home / "chroma", folder)
    base = open_library(pack, embedder=embedder, tokenizer=tokenizer, connect=lambda: connect(folder))
    yield base
    base.close()


@pytest.mark.parametrize("half", ["dev", "heldout"])
def test_the_right_clause_is_found_and_silence_kept_elsewhere(library: KnowledgeBase, half: str) -> None:
    report = score(read_questions(SUITE / f"{half}.jsonl"), library, on=TODAY)
    assert not report.unscored
    assert report.hit_at_3.value >= 0.95, report.hit_at_3
    assert report.declined.value >= 0.90, report.declined
    assert report.wrongly_declined.value <= 0.03, report.wrongly_declined


def test_every_label_names_a_clause_of_the_pack(pack: PolicyPack) -> None:
    known = {clause.id for clause in pack.clauses}
    for half in ("dev", "heldout"):
        for question in read_questions(SUITE / f"{half}.jsonl").scored:
            assert question.relevant <= known, question
            assert bool(question.relevant) == question.answerable, question
