"""The vector index: one Chroma collection for each state of the documents, and a pointer to the one that serves.

A reindex fills a new collection beside the old and moves the pointer last, in one write. Killed at any instant, it
leaves the old collection serving. Vectors of texts that did not change are copied, never computed again.
"""

import hashlib
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from knowledge.chroma import chroma_errors, disconnect
from knowledge.chunks import CHUNKER
from knowledge.embeddings import Embedder
from knowledge.entries import Entry

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api import ClientAPI

Vector = NDArray[np.float32]

_BATCH = 256
_WIDER = 2  # asking for more and dropping what is not allowed is faster than naming thousands of ids, and the same
_ABANDONED_AFTER = 3600  # seconds: a collection this old that nobody points at is what a killed reindex left


@dataclass(frozen=True, kw_only=True)
class Reindexed:
    """What bringing the index up to date took."""

    digest: str
    entries: int
    embedded: tuple[str, ...]  # ids of the entries whose vectors were computed
    reused: int


@dataclass(frozen=True)
class _Serving:
    collection: "Collection"
    ids: frozenset[str]

    @classmethod
    def of(cls, collection: "Collection") -> "_Serving":
        return cls(collection, frozenset(collection.get(include=[])["ids"]))


class VectorIndex:
    """Nearest entries by cosine. Every method raises IndexUnavailable when Chroma does not answer."""

    def __init__(self, client: "ClientAPI", embedder: Embedder, *, name: str = "clauses") -> None:
        self._client = client
        self._embedder = embedder
        self._name = name
        self._serving: _Serving | None = None

    def serving_name(self) -> str | None:
        """The collection now served, or None where nothing was ever indexed."""
        with chroma_errors():
            serving = self._now_serving(fresh=True)
            return serving.collection.name if serving else None

    def bring_up_to_date(self, entries: Sequence[Entry]) -> Reindexed:
        """Serve exactly `entries`. Does nothing if it already does; readers are served throughout."""
        digest = digest_of(entries, self._embedder)
        with chroma_errors():
            serving = self._now_serving(fresh=True)
            old = serving.collection if serving else None
            if old is not None and (old.metadata or {}).get("digest") == digest:
                return Reindexed(digest=digest, entries=len(entries), embedded=(), reused=len(entries))
            known = self._vectors_of(old)
            new = self._client.create_collection(
                f"{self._name}-{digest[:12]}-{uuid.uuid4().hex[:8]}",
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
                metadata={"digest": digest, "model": self._embedder.model_id, "born": int(time.time())},
            )
            embedded = tuple(self._fill(new, entries, known))
            self._serve(new, previous=old)
        return Reindexed(digest=digest, entries=len(entries), embedded=embedded, reused=len(entries) - len(embedded))

    def nearest(self, vector: Vector, *, limit: int, among: AbstractSet[str]) -> list[tuple[str, float]]:
        """Ids and cosines of the `limit` nearest entries among these ids, best first."""
        with chroma_errors():
            try:
                return self._nearest(vector, limit, among)
            except _not_found():  # another process has swapped the index since we looked
                self._serving = None
                return self._nearest(vector, limit, among)

    def close(self) -> None:
        disconnect(self._client)

    def _nearest(self, vector: Vector, limit: int, among: AbstractSet[str]) -> list[tuple[str, float]]:
        serving = self._now_serving()
        if serving is None or not among:
            return []
        wide = _query(serving.collection, vector, _WIDER * limit)
        nearest = [(entry, cosine) for entry, cosine in wide if entry in among]
        if len(nearest) >= min(limit, len(among)):
            return nearest[:limit]
        held = list(among & serving.ids)  # Chroma fails on ids it does not hold
        return _query(serving.collection, vector, limit, held) if held else []

    def _fill(self, collection: "Collection", entries: Sequence[Entry], known: Mapping[str, Vector]) -> Iterator[str]:
        """Add the entries with their vectors; yield the ids of those that had to be embedded."""
        for start in range(0, len(entries), _BATCH):
            batch = entries[start : start + _BATCH]
            fresh = [entry for entry in batch if entry.content_hash not in known]
            made = self._embedder.embed([entry.text for entry in fresh])
            vectors = {**known, **{entry.content_hash: vector for entry, vector in zip(fresh, made, strict=True)}}
            collection.add(
                ids=[entry.id for entry in batch],
                embeddings=np.array([vectors[entry.content_hash] for entry in batch]),
                metadatas=[{"kind": entry.kind, "hash": entry.content_hash} for entry in batch],
            )
            yield from (entry.id for entry in fresh)

    def _vectors_of(self, collection: "Collection | None") -> dict[str, Vector]:
        if collection is None or (collection.metadata or {}).get("model") != self._embedder.model_id:
            return {}
        kept = collection.get(include=["embeddings", "metadatas"])
        vectors, metadatas = kept["embeddings"], kept["metadatas"]
        if vectors is None or metadatas is None:
            return {}
        return {
            str(metadata["hash"]): np.asarray(vector, dtype=np.float32)
            for metadata, vector in zip(metadatas, vectors, strict=True)
        }

    def _now_serving(self, *, fresh: bool = False) -> _Serving | None:
        if self._serving is None or fresh:
            name = (self._pointer().metadata or {}).get("serving")
            self._serving = self._open(str(name)) if name else None
        return self._serving

    def _open(self, name: str) -> _Serving | None:
        try:
            return _Serving.of(self._client.get_collection(name, embedding_function=None))
        except _not_found():  # somebody cleared the store: the next update fills it again
            return None

    def _pointer(self) -> "Collection":
        return self._client.get_or_create_collection(f"{self._name}-pointer", embedding_function=None)

    def _serve(self, new: "Collection", *, previous: "Collection | None") -> None:
        pointer = self._pointer()
        pointer.modify(metadata={"serving": new.name})
        self._serving = _Serving.of(new)
        self._sweep(keep={pointer.name, new.name, previous.name if previous else ""})

    def _sweep(self, *, keep: set[str]) -> None:
        """Drop collections nobody reads; the previous one stays for readers that have not looked again yet."""
        for collection in self._client.list_collections():
            if collection.name in keep or not collection.name.startswith(f"{self._name}-"):
                continue
            born = (collection.metadata or {}).get("born", 0)
            if time.time() - float(str(born)) > _ABANDONED_AFTER:
                self._client.delete_collection(collection.name)


def _query(
    collection: "Collection", vector: Vector, limit: int, ids: list[str] | None = None
) -> list[tuple[str, float]]:
    found = collection.query(query_embeddings=vector[np.newaxis], n_results=limit, ids=ids, include=["distances"])
    distances = found["distances"] or [[]]
    return [(entry, 1.0 - distance) for entry, distance in zip(found["ids"][0], distances[0], strict=True)]


def digest_of(entries: Sequence[Entry], embedder: Embedder) -> str:
    """Changes with the texts, the way documents are cut, and the embedding model."""
    digest = hashlib.sha256(f"{CHUNKER} {embedder.model_id} {embedder.dimension}".encode())
    for entry_id in sorted(entry.id for entry in entries):
        digest.update(entry_id.encode() + b"\n")
    return digest.hexdigest()


def _not_found() -> type[Exception]:
    from chromadb.errors import NotFoundError  # noqa: PLC0415 - a second to import, and imported by now

    return NotFoundError
