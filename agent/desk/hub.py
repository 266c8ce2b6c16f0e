"""What happens on the desk, told to whoever has it open. Each listener has a queue of its own; a slow one loses its
oldest news and is told to read again, so that nobody holds up the others."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

NewsKind = Literal["case.created", "case.updated", "message", "screen_pop", "reread"]
LONGEST_QUEUE = 200


@dataclass(frozen=True, kw_only=True)
class News:
    """data has ids only; a listener reads the rest with its own authority."""

    kind: NewsKind
    data: Mapping[str, object] = field(default_factory=dict)
    to: str | None = None
    """A member of staff, or everybody on the desk."""


class Hub:
    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[News], str] = {}

    def tell(self, news: News) -> None:
        for queue, subject in self._listeners.items():
            if news.to in (None, subject):
                _put(queue, news)

    def reread(self) -> None:
        """Something may have been missed: everybody on the desk reads again."""
        for queue in self._listeners:
            _put(queue, News(kind="reread"))

    @contextmanager
    def listening(self, subject: str) -> Iterator["asyncio.Queue[News]"]:
        """Nothing is missed from here on: whoever reads the queue of cases afterwards has the whole picture."""
        queue: asyncio.Queue[News] = asyncio.Queue(maxsize=LONGEST_QUEUE)
        self._listeners[queue] = subject
        try:
            yield queue
        finally:
            del self._listeners[queue]


def _put(queue: "asyncio.Queue[News]", news: News) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(News(kind="reread"))
    queue.put_nowait(news)
