"""What the broker does wrong on demand. A test sets a count; every misdeed takes one off it."""

from dataclasses import dataclass, field, fields

BUSY = ("com.microsoft:server-busy", "The request was terminated because the namespace is being throttled.")


@dataclass
class Faults:
    rejections: list[tuple[str, str]] = field(default_factory=list)
    """Conditions and descriptions: each refuses one send, which is not stored."""
    throttled: set[str] = field(default_factory=set)
    """Partitions that refuse every send while they stand here."""
    lost_acknowledgements: int = 0
    """Sends that are stored, and whose connection breaks before the sender is told."""
    silent: int = 0
    """Sends that are stored and never answered."""
    refused_tokens: int = 0
    """Claims of a token that are answered with 401."""

    def clear(self) -> None:
        fresh = Faults()
        for each in fields(self):
            setattr(self, each.name, getattr(fresh, each.name))

    def throttle(self, sends: int) -> None:
        self.rejections += [BUSY] * sends

    def refusal(self, partition: str) -> tuple[str, str] | None:
        if partition in self.throttled:
            return BUSY
        return self.rejections.pop(0) if self.rejections else None

    def refuse_token(self) -> bool:
        self.refused_tokens, due = max(0, self.refused_tokens - 1), self.refused_tokens > 0
        return due

    def lose(self) -> bool:
        self.lost_acknowledgements, due = max(0, self.lost_acknowledgements - 1), self.lost_acknowledgements > 0
        return due

    def stay_silent(self) -> bool:
        self.silent, due = max(0, self.silent - 1), self.silent > 0
        return due
