"""The index embeds only what changed, swaps at once, and survives being killed."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from knowledge.chroma import IndexUnavailable, connect, disconnect
from knowledge.embeddings import Vectors
from knowledge.entries import Entry
from knowledge.index import VectorIndex

if TYPE_CHECKING:
    from chromadb.api import ClientAPI


class Counting:
    """Points each text in its own direction, and keeps what it was asked to embed."""

    dimension = 3

    def __init__(self, model_id: str = "counting") -> None:
        self.model_id = model_id
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.array([self.vector(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    def vector(self, text: str) -> Vectors:
        seed = sum(ord(letter) * (place + 1) for place, letter in enumerate(text))
        raw = np.random.default_rng(seed).normal(size=self.dimension)
        return np.asarray(raw / np.linalg.norm(raw), dtype=np.float32)


def entry(name: str, text: str) -> Entry:
    return Entry(id=f"{name}: {text}", text=text, kind="wording", chunk=0)


ENTRIES = [entry("A", "cabin bags"), entry("B", "checked bags"), entry("C", "lost bags")]


@pytest.fixture
def client(tmp_path: Path) -> "Iterator[ClientAPI]":
    client = connect(tmp_path)
    yield client
    disconnect(client)


def nearest(index: VectorIndex, to: Entry, among: Sequence[Entry] = ENTRIES, limit: int = 3) -> list[str]:
    vector = Counting().vector(to.text)
    ids = frozenset(one.id for one in among)
    return [found for found, _ in index.nearest(vector, limit=limit, among=ids)]


def test_every_entry_is_embedded_once_and_found(client: "ClientAPI") -> None:
    embedder = Counting()
    index = VectorIndex(client, embedder)
    report = index.bring_up_to_date(ENTRIES)
    assert report.embedded == tuple(one.id for one in ENTRIES)
    assert nearest(index, ENTRIES[1])[0] == ENTRIES[1].id


def test_reindexing_after_one_change_embeds_that_clause_alone(client: "ClientAPI") -> None:
    embedder = Counting()
    index = VectorIndex(client, embedder)
    index.bring_up_to_date(ENTRIES)
    embedder.embedded.clear()

    changed = entry("B", "checked bags up to 23 kg")
    report = index.bring_up_to_date([ENTRIES[0], changed, ENTRIES[2]])
    assert report.embedded == (changed.id,)
    assert embedder.embedded == [changed.text]
    assert nearest(index, changed, among=[*ENTRIES, changed])[0] == changed.id
    assert ENTRIES[1].id not in nearest(index, ENTRIES[1])


def test_nothing_is_done_when_nothing_changed(client: "ClientAPI") -> None:
    VectorIndex(client, Counting()).bring_up_to_date(ENTRIES)
    collections = {collection.name for collection in client.list_collections()}
    report = VectorIndex(client, Counting()).bring_up_to_date(ENTRIES)
    assert (report.embedded, report.reused) == ((), 3)
    assert {collection.name for collection in client.list_collections()} == collections


def test_another_embedding_model_embeds_everything_anew(client: "ClientAPI") -> None:
    VectorIndex(client, Counting()).bring_up_to_date(ENTRIES)
    assert len(VectorIndex(client, Counting("other")).bring_up_to_date(ENTRIES).embedded) == 3


def test_only_the_allowed_entries_are_ranked(client: "ClientAPI") -> None:
    index = VectorIndex(client, Counting())
    index.bring_up_to_date(ENTRIES)
    assert nearest(index, ENTRIES[0], among=[ENTRIES[2], entry("Z", "not indexed")]) == [ENTRIES[2].id]
    assert nearest(index, ENTRIES[0], among=[]) == []


def test_the_few_allowed_are_found_behind_many_nearer_that_are_not(client: "ClientAPI") -> None:
    many = [entry(f"M{number}", f"clause {number}") for number in range(60)]
    index = VectorIndex(client, Counting())
    index.bring_up_to_date(many)
    ranked = nearest(index, many[0], among=many, limit=60)
    last = [one for one in many if one.id in ranked[-2:]]
    assert nearest(index, many[0], among=last, limit=2) == ranked[-2:]


def test_an_index_that_was_never_filled_finds_nothing(client: "ClientAPI") -> None:
    index = VectorIndex(client, Counting())
    assert index.serving_name() is None
    assert nearest(index, ENTRIES[0]) == []


def test_a_reader_goes_on_while_another_swaps_the_index_twice(client: "ClientAPI") -> None:
    reader = VectorIndex(client, Counting())
    reader.bring_up_to_date(ENTRIES)
    writer = VectorIndex(client, Counting())
    for text in ("one", "two"):
        writer.bring_up_to_date([entry("A", text)])
        assert nearest(reader, ENTRIES[0])[0] == ENTRIES[0].id
    for collection in client.list_collections():
        if collection.name not in (writer.serving_name(), "clauses-pointer"):
            client.delete_collection(collection.name)
    assert nearest(reader, ENTRIES[0], among=[*ENTRIES, entry("A", "two")]) == [entry("A", "two").id]


def test_a_killed_reindex_leaves_the_old_index_serving(tmp_path: Path) -> None:
    client = connect(tmp_path)
    VectorIndex(client, Counting()).bring_up_to_date(ENTRIES)
    disconnect(client)

    killed = subprocess.run([sys.executable, "-m", "tests.knowledge.killed_reindex", str(tmp_path)], check=False)  # noqa: S603
    assert killed.returncode == 9

    client = connect(tmp_path)
    index = VectorIndex(client, Counting())
    assert nearest(index, ENTRIES[2])[0] == ENTRIES[2].id
    assert index.bring_up_to_date([*ENTRIES, entry("D", "late bags")]).reused == 3
    disconnect(client)


def test_a_cleared_store_is_filled_again(client: "ClientAPI") -> None:
    VectorIndex(client, Counting()).bring_up_to_date(ENTRIES)
    client.delete_collection(str(VectorIndex(client, Counting()).serving_name()))
    index = VectorIndex(client, Counting())
    assert nearest(index, ENTRIES[0]) == []
    assert len(index.bring_up_to_date(ENTRIES).embedded) == 3


def test_an_empty_pack_is_served_as_nothing(client: "ClientAPI") -> None:
    index = VectorIndex(client, Counting())
    index.bring_up_to_date(ENTRIES)
    assert index.bring_up_to_date([]).entries == 0
    assert nearest(index, ENTRIES[0]) == []


def test_a_spoilt_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    with pytest.raises(IndexUnavailable):
        connect(tmp_path)


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(IndexUnavailable):
        connect("http://127.0.0.1:9")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(IndexUnavailable):
        connect(tmp_path / "file" / "chroma")
