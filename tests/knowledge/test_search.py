"""Search finds the clause that holds, refuses what the pack does not cover, and goes on without Chroma."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from knowledge.chroma import IndexUnavailable, connect
from knowledge.chunks import Document
from knowledge.embeddings import EmbeddingUnavailable, MiniLM, Vectors
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

TODAY = date(2026, 6, 1)

DOCUMENTS = (
    Document(id="BAG-CAB", title="Cabin baggage", body="You may take one small bag into the cabin with you."),
    Document(id="PET-CAB", title="Pets in the cabin", body="Small dogs and cats travel in a carrier under the seat."),
    Document(
        id="CXL-24H", title="Free cancellation", body="Cancel within 24 hours of booking and get your money back."
    ),
    Document(
        id="NAME-COR", version=1, title="Name correction", body="Misspelt names cost 50 EUR.", ends=date(2026, 1, 1)
    ),
    Document(
        id="NAME-COR", version=2, title="Name correction", body="Misspelt names are free.", starts=date(2026, 1, 1)
    ),
    Document(
        id="GOODWILL", title="Goodwill of agents", body="An agent may offer a voucher for trouble.", audience="staff"
    ),
    Document(
        id="US-REFUND",
        title="Refunds in the United States",
        body="Flights from the United States follow the DOT refund rule.",
        scope={"from": frozenset({"US"})},
    ),
)


@pytest.fixture
def knowledge(tmp_path: Path, embedder: MiniLM, tokenizer: Tokenizer) -> Iterator[KnowledgeBase]:
    base = KnowledgeBase(embedder=embedder, tokenizer=tokenizer, connect=lambda: connect(tmp_path))
    base.load(DOCUMENTS)
    yield base
    base.close()


def found(base: KnowledgeBase, query: str, *, on: date = TODAY, audience: str = "customer") -> list[str]:
    return [passage.clause_id for passage in base.search(query, on=on, audience=audience).passages]


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("can I bring my dog on board", "PET-CAB"),
        ("how big may my hand luggage be", "BAG-CAB"),
        ("I booked an hour ago and want my money back", "CXL-24H"),
    ],
)
def test_a_question_in_other_words_finds_its_clause(knowledge: KnowledgeBase, query: str, clause: str) -> None:
    assert found(knowledge, query)[0] == clause


def test_a_question_about_nothing_in_the_pack_finds_nothing(knowledge: KnowledgeBase) -> None:
    assert found(knowledge, "who won the football world cup") == []


@pytest.mark.parametrize(("on", "version"), [(date(2025, 12, 31), 1), (date(2026, 1, 1), 2)])
def test_the_version_of_the_day_is_found_alone(knowledge: KnowledgeBase, on: date, version: int) -> None:
    passages = knowledge.search("my name is misspelt", on=on, audience="customer").passages
    assert [passage.version for passage in passages if passage.clause_id == "NAME-COR"] == [version]


def test_staff_clauses_are_hidden_from_customers_and_found_by_staff(knowledge: KnowledgeBase) -> None:
    query = "may an agent offer a goodwill voucher"
    assert "GOODWILL" not in found(knowledge, query)
    assert found(knowledge, query, audience="staff")[0] == "GOODWILL"


@pytest.mark.parametrize(("origin", "expected"), [("US", True), ("DE", False)])
def test_a_route_outside_the_scope_of_a_clause_does_not_find_it(
    knowledge: KnowledgeBase, origin: str, expected: bool
) -> None:
    result = knowledge.search("refund rule United States", on=TODAY, audience="customer", scope={"from": origin})
    assert ("US-REFUND" in {passage.clause_id for passage in result.passages}) is expected


def test_searches_go_on_in_other_threads_while_documents_are_loaded_anew(
    knowledge: KnowledgeBase,
) -> None:
    def search(_: int) -> tuple[bool, bool]:
        result = knowledge.search("may my dog travel in the cabin", on=TODAY, audience="customer")
        return result.degraded, "PET-CAB" in {passage.clause_id for passage in result.passages}

    def reload(number: int) -> None:
        extra = Document(id=f"NEW-{number}", title="New", body=f"Something new number {number}.")
        knowledge.load([*DOCUMENTS, extra])

    with ThreadPoolExecutor(4) as threads:
        loads = [threads.submit(reload, number) for number in range(5)]
        outcomes = list(threads.map(search, range(60)))
        for load in loads:
            load.result()
    assert set(outcomes) == {(False, True)}


class Silent:
    """An embedding service that stops answering."""

    def __init__(self, real: MiniLM) -> None:
        self._real = real
        self.model_id = real.model_id
        self.dimension = real.dimension
        self.answers = True

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not self.answers:
            raise EmbeddingUnavailable("no answer")
        return self._real.embed(texts)


def test_words_alone_are_searched_while_the_embedding_service_is_silent(
    tmp_path: Path, embedder: MiniLM, tokenizer: Tokenizer
) -> None:
    service = Silent(embedder)
    base = KnowledgeBase(embedder=service, tokenizer=tokenizer, connect=lambda: connect(tmp_path))
    base.load(DOCUMENTS)
    service.answers = False
    result = base.search("dogs and cats in the cabin", on=TODAY, audience="customer")
    assert (result.degraded, result.passages[0].clause_id) == (True, "PET-CAB")
    base.close()


def test_what_was_found_is_recalled_until_other_documents_are_loaded(knowledge: KnowledgeBase) -> None:
    query = "may my dog travel in the cabin"
    assert knowledge.recall(query, on=TODAY, audience="customer") is None
    searched = knowledge.search(query, on=TODAY, audience="customer")
    assert knowledge.recall(query, on=TODAY, audience="customer") is searched
    assert knowledge.recall(query, on=TODAY, audience="staff") is None
    knowledge.load(DOCUMENTS[:1])
    assert knowledge.recall(query, on=TODAY, audience="customer") is None


def test_a_long_message_is_searched_piece_by_piece(knowledge: KnowledgeBase) -> None:
    chatter = "We had such a lovely time last summer and the weather was fine. " * 30
    assert "PET-CAB" in found(knowledge, f"{chatter} May I bring my dog into the cabin? {chatter}")


class Broken:
    """A way to Chroma that fails until it is mended."""

    def __init__(self, connect: "Callable[[], ClientAPI]") -> None:
        self._connect = connect
        self.mended = False

    def __call__(self) -> "ClientAPI":
        if not self.mended:
            raise IndexUnavailable("down")
        return self._connect()


def test_words_alone_are_searched_and_said_so_while_chroma_is_down(
    tmp_path: Path, embedder: MiniLM, tokenizer: Tokenizer
) -> None:
    now = [0.0]
    way = Broken(lambda: connect(tmp_path))
    base = KnowledgeBase(embedder=embedder, tokenizer=tokenizer, connect=way, clock=lambda: now[0])
    assert base.load(DOCUMENTS) is None

    down = base.search("dogs and cats in the cabin", on=TODAY, audience="customer")
    assert down.degraded
    assert down.passages[0].clause_id == "PET-CAB"

    way.mended = True
    assert base.search("dogs in the cabin", on=TODAY, audience="customer").degraded
    now[0] = 31.0
    assert not base.search("dogs in the cabin", on=TODAY, audience="customer").degraded
    base.close()
