"""Watches every write at the services, and remembers what the person had in front of them when it happened."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tools.consent import is_open
from tools.ports import Services, Write

WRITES = {
    "booking": ("cancel", "change_segment", "rebook", "add_ancillary", "correct_name", "book"),
    "profile": ("update",),
    "consent": ("set",),
    "notification": ("send", "send_to", "send_code"),
    "cases": ("open", "update", "add_note"),
    "compensation": ("open_claim",),
    "payment": ("refund", "expedite", "create_link"),
}
CONTROL = {("notification", "send_code"), ("cases", "open")}
Faults = Callable[[str], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    service: str
    method: str
    key: str
    confirmed: str | None
    """The card the person confirmed just before, None when they confirmed nothing."""
    channel_open: bool
    faults: tuple[str, ...]
    """What a second opinion had against it."""

    @property
    def proposal(self) -> str:
        return self.key.split(":")[0]

    @property
    def is_withdrawal(self) -> bool:
        return (self.service, self.method) == ("consent", "set") and ":withdraw:" in self.key


@dataclass
class Watch:
    """confirming: the card that was the last thing shown when the person said yes or pressed the button. faults: the
    second opinion, asked before the first step of a proposal."""

    services: Services
    seen: list[Seen] = field(default_factory=list)
    confirming: str | None = None
    faults: Faults | None = None

    def __post_init__(self) -> None:
        for service, methods in WRITES.items():
            held = getattr(self.services, service)
            for method in methods:
                object.__setattr__(held, method, self._watched(service, method, getattr(held, method)))

    def _watched(
        self, service: str, method: str, original: Callable[..., Awaitable[object]]
    ) -> Callable[..., Awaitable[object]]:
        async def watched(*args: Any, write: Write, **kwargs: Any) -> object:
            open_now = True
            if (service, method) == ("notification", "send"):
                consents = await self.services.consent.list_for(kwargs["customer"])
                open_now = is_open(consents, "service_notifications", kwargs["channel"])
            proposal, _, step = write.key.partition(":")
            faults = await self.faults(proposal) if self.faults and step == "1" else ()
            seen = Seen(
                service=service,
                method=method,
                key=write.key,
                confirmed=self.confirming,
                channel_open=open_now,
                faults=faults,
            )
            self.seen.append(seen)
            return await original(*args, write=write, **kwargs)

        return watched
