"""What the embedded model does next: say something, call one tool, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.embedded.frame import Frame


@dataclass(frozen=True, kw_only=True)
class Step:
    """With a tool, `text` is said before the call."""

    frame: Frame
    text: str = ""
    tool: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def led_by(self, text: str) -> "Step":
        """The same step with something said before it."""
        return replace(self, text=joined(text, self.text))


def joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)
