"""Score retrieval on any folder of documents and queries, naive methods beside ours in the same run.

`documents.jsonl`: `{id, title, content}`; `queries.jsonl`: `{id, query, relevant: [document ids]}`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import fmean

import bm25s  # type: ignore[import-untyped]
import numpy as np

from evals.intervals import Share, share
from knowledge.chunks import Document
from knowledge.embeddings import Embedder
from knowledge.search import KnowledgeBase

_DEPTH = 20
_NAIVE_RANK_OFFSET = 60


@dataclass(frozen=True, kw_only=True)
class Query:
    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Exam:
    """Documents, and queries of which each names the documents that answer it."""

    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    unscored: tuple[str, ...]  # why a line could not be used


@dataclass(frozen=True, kw_only=True)
class Score:
    """What one method reached: the share of queries with a hit, and the mean share of relevant documents found."""

    method: str
    hit_at_3: Share
    hit_at_5: Share
    recall_at_20: float


Rank = Callable[[str], Sequence[str]]


def read_exam(folder: Path) -> Exam:
    """Read an exam. Raises OSError if a file is missing; lines that cannot be used are named in `unscored`."""
    unscored: list[str] = []
    documents = tuple(
        Document(id=str(line["id"]), title=str(line.get("title", "")), body=str(line["content"]))
        for line in _lines(folder / "documents.jsonl", ("id", "content"), unscored)
    )
    known = {document.id for document in documents}
    queries: list[Query] = []
    for line in _lines(folder / "queries.jsonl", ("id", "query", "relevant"), unscored):
        relevant = line["relevant"]
        named = frozenset(map(str, relevant)) & known if isinstance(relevant, list) else frozenset[str]()
        if named:
            queries.append(Query(id=str(line["id"]), text=str(line["query"]), relevant=named))
        else:
            unscored.append(f"query {line['id']}: names no document of this folder")
    return Exam(documents=documents, queries=tuple(queries), unscored=tuple(unscored))


def _lines(path: Path, needed: Sequence[str], unscored: list[str]) -> Iterator[Mapping[str, object]]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            line = None
        if isinstance(line, dict) and all(name in line for name in needed):
            yield line
        else:
            unscored.append(f"{path.name}:{number}: needs {', '.join(needed)}")


def score(method: str, rank: Rank, queries: Sequence[Query]) -> Score:
    """Ask every query of one method."""
    ranked = [(list(rank(query.text))[:_DEPTH], query.relevant) for query in queries]
    return Score(
        method=method,
        hit_at_3=share(bool(relevant & set(found[:3])) for found, relevant in ranked),
        hit_at_5=share(bool(relevant & set(found[:5])) for found, relevant in ranked),
        recall_at_20=fmean(len(relevant & set(found)) / len(relevant) for found, relevant in ranked),
    )


def by_us(base: KnowledgeBase) -> Rank:
    """Our own search over documents already loaded; its floor should be 0, since an exam may not refuse."""
    return lambda query: [
        passage.clause_id for passage in base.search(query, on=date.min, audience="customer", limit=_DEPTH).passages
    ]


def by_naive_bm25(documents: Sequence[Document]) -> Rank:
    """Whole documents by BM25, English stop words dropped, as the library's first example does it."""
    index = bm25s.BM25()
    index.index(bm25s.tokenize([_whole(document) for document in documents], show_progress=False), show_progress=False)

    def rank(query: str) -> list[str]:
        tokens = bm25s.tokenize([query], show_progress=False)
        found, _ = index.retrieve(tokens, k=len(documents), show_progress=False)
        return [documents[int(position)].id for position in found[0]]

    return rank


def by_naive_vectors(documents: Sequence[Document], embedder: Embedder) -> Rank:
    """Whole documents by the cosine of one vector each."""
    vectors = embedder.embed([_whole(document) for document in documents])

    def rank(query: str) -> list[str]:
        order = np.argsort(-(vectors @ embedder.embed([query])[0]), kind="stable")
        return [documents[int(position)].id for position in order]

    return rank


def by_naive_fusion(*ranks: Rank) -> Rank:
    """Reciprocal rank fusion of whole rankings, with the constant of its paper."""

    def rank(query: str) -> list[str]:
        fused: dict[str, float] = {}
        for one in ranks:
            for place, document in enumerate(one(query), start=1):
                fused[document] = fused.get(document, 0.0) + 1.0 / (_NAIVE_RANK_OFFSET + place)
        return sorted(fused, key=lambda document: -fused[document])

    return rank


def _whole(document: Document) -> str:
    return f"{document.title}\n{document.body}"


def sit(exam: Exam, base: KnowledgeBase, embedder: Embedder) -> list[Score]:
    """Score naive BM25, naive vectors, their fusion, and ours, in this order."""
    base.load(exam.documents)
    bm25, vectors = by_naive_bm25(exam.documents), by_naive_vectors(exam.documents, embedder)
    methods = {
        "naive BM25": bm25,
        "naive vectors": vectors,
        "naive fusion": by_naive_fusion(bm25, vectors),
        "ours": by_us(base),
    }
    return [score(name, rank, exam.queries) for name, rank in methods.items()]
