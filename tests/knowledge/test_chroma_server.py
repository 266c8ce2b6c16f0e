"""A Chroma server is used by its URL, is missed in words when it goes away, and never hangs a search."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from knowledge.chroma import IndexUnavailable, connect
from knowledge.chunks import Document
from knowledge.embeddings import MiniLM
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer

TODAY = date(2026, 6, 1)
DOCUMENTS = [
    Document(id="PET", title="Pets", body="A dog may travel in the cabin."),
    Document(id="BAG", title="Bags", body="One bag is included."),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A real Chroma server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        chroma = Path(sys.executable).parent / "chroma"
        arguments = [str(chroma), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"listening" in line:
                break

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


def test_a_server_is_searched_and_when_it_dies_words_go_on(
    server: Server, embedder: MiniLM, tokenizer: Tokenizer
) -> None:
    base = KnowledgeBase(embedder=embedder, tokenizer=tokenizer, connect=lambda: connect(server.url))
    report = base.load(DOCUMENTS)
    assert report is not None
    assert len(report.embedded) == 2
    alive = base.search("may my puppy come along", on=TODAY, audience="customer")
    assert (alive.degraded, alive.passages[0].clause_id) == (False, "PET")

    server.stop()
    dead = base.search("may my dog travel in the cabin", on=TODAY, audience="customer")
    assert (dead.degraded, dead.passages[0].clause_id) == (True, "PET")
    base.close()


def test_an_address_that_accepts_and_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.chroma._TIMEOUT", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(IndexUnavailable):
            connect(f"http://127.0.0.1:{silent.getsockname()[1]}")
