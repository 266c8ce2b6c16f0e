"""A policy pack as a knowledge base: its clauses, how customers ask for them, and what lies outside them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.documents import documents_of
from knowledge.embeddings import Embedder
from knowledge.pack import PolicyPack
from knowledge.phrasing import read_asked, read_outside
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer

if TYPE_CHECKING:
    from chromadb.api import ClientAPI


def open_library(
    pack: PolicyPack, *, embedder: Embedder, tokenizer: Tokenizer, connect: "Callable[[], ClientAPI]"
) -> KnowledgeBase:
    """Load a pack and bring its index up to date. Raises PackError if its phrasings name no clause of it."""
    asked = read_asked(pack.path, {clause.id for clause in pack.clauses})
    base = KnowledgeBase(embedder=embedder, tokenizer=tokenizer, connect=connect)
    base.load(documents_of(pack.clauses, asked), read_outside(pack.airline))
    return base
