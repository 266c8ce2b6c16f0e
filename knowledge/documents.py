"""Clauses as documents to search."""

from collections.abc import Iterable, Iterator

from knowledge.chunks import Document
from knowledge.clause import Clause


def documents_of(clauses: Iterable[Clause]) -> Iterator[Document]:
    """Yield every version of every clause: which one is found depends on the day asked about."""
    for clause in clauses:
        yield Document(
            id=clause.id,
            version=clause.version,
            title=clause.title,
            body=clause.body,
            audience=clause.audience,
            starts=clause.effective.start,
            ends=clause.effective.until,
            scope={name: frozenset(values) for name, values in clause.scope.items()},
        )
