"""Clauses as documents to search."""

from collections.abc import Iterable, Iterator, Mapping

from knowledge.chunks import Document
from knowledge.clause import Clause


def documents_of(clauses: Iterable[Clause], asked: Mapping[str, tuple[str, ...]] | None = None) -> Iterator[Document]:
    """Yield every version of every clause: which one is found depends on the day asked about."""
    for clause in clauses:
        yield Document(
            id=clause.id,
            version=clause.version,
            title=clause.title,
            body=clause.body,
            asked=(asked or {}).get(clause.id, ()),
            audience=clause.audience,
            starts=clause.effective.start,
            ends=clause.effective.until,
            scope={name: frozenset(values) for name, values in clause.scope.items()},
        )
