"""Watches every write at the services of a platform: which method, under which key, for which card."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tools.ports import Services, Write

WRITES = {
    "booking": ("cancel", "change_segment", "rebook", "add_ancillary", "correct_name", "book"),
    "profile": ("update",),
    "consent": ("set",),
    "notification": ("send", "send_to", "send_code"),
    "cases": ("open", "update", "add_note", "move"),
    "compensation": ("open_claim",),
    "payment": ("refund", "expedite", "create_link"),
}
_WITHOUT_A_CARD = {("notification", "send_code"): "send_code", ("cases", "open"): "hand_off"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    service: str
    method: str
    key: str
    what: str

    @property
    def proposal(self) -> str:
        return self.key.split(":")[0]

    def tool(self, proposals: dict[str, str]) -> str:
        """The tool it came from: its card's, or that of the control act; `unknown` is always a finding."""
        if self.proposal in proposals:
            return proposals[self.proposal]
        if ":withdraw:" in self.key:
            return "withdraw_consent"
        return _WITHOUT_A_CARD.get((self.service, self.method), f"unknown:{self.service}.{self.method}")


@dataclass
class Watch:
    """seen: the writes since it was last emptied, in order."""

    services: Services
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        for service, methods in WRITES.items():
            held = getattr(self.services, service)
            for method in methods:
                object.__setattr__(held, method, self._watched(service, method, getattr(held, method)))

    def _watched(
        self, service: str, method: str, original: Callable[..., Awaitable[object]]
    ) -> Callable[..., Awaitable[object]]:
        async def watched(*args: Any, write: Write, **kwargs: Any) -> object:
            named = (f"{name}={value}" for name, value in kwargs.items() if name != "packet")
            what = ", ".join([*map(str, args), *named])[:300]
            self.seen.append(Seen(service=service, method=method, key=write.key, what=what))
            return await original(*args, write=write, **kwargs)

        return watched
