"""The desk across processes: what happens in one is told on every desk, whichever process it is connected to."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from agent.desk.hub import Hub, News


class SharedHub(Hub):
    """tell: hands a notice to the other processes."""

    def __init__(self, tell: Callable[[Mapping[str, Any]], None], me: str) -> None:
        super().__init__()
        self._tell_others = tell
        self._me = me

    def tell(self, news: News) -> None:
        super().tell(news)
        self._tell_others({"desk": asdict(news), "from": self._me})

    def hear(self, notice: Mapping[str, Any]) -> None:
        if notice["from"] != self._me:
            super().tell(News(**notice["desk"]))
