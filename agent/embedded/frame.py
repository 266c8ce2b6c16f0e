"""Where the embedded model stands in a conversation. It travels with its messages, as JSON, and may be missing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from pydantic import TypeAdapter, ValidationError

Kind = Literal["clarify", "out_of_scope"]


@dataclass(frozen=True, kw_only=True)
class Frame:
    intent: str | None = None
    closed: bool = False
    """The intent was served, refused or proposed; it stays known for corrections."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """As a tool takes them."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """The same slots as the person typed them."""
    awaiting: str | None = None
    """The slot asked for last."""
    offer: str | None = None
    """The intent offered last, which a yes accepts: hand_off, cancel_booking."""
    aside: str | None = None
    """A question in between; what was pending goes on after it."""
    queue: tuple[str, ...] = ()
    """Intents named in the same breath, to be served next."""
    query: str | None = None
    """The policy question asked last, which 'and for Flex?' continues."""
    unclear: int = 0
    """Messages in a row that were not understood."""
    kind: Kind | None = None
    served: str | None = None
    """The intent that the last message was read as."""

    def with_slots(self, slots: Mapping[str, str], typed: Mapping[str, str]) -> "Frame":
        return replace(self, slots={**self.slots, **slots}, typed={**self.typed, **typed})

    def without(self, *names: str) -> "Frame":
        kept = {name: value for name, value in self.slots.items() if name not in names}
        typed = {name: value for name, value in self.typed.items() if name not in names}
        return replace(self, slots=kept, typed=typed)

    def begin(self, intent: str, keep: tuple[str, ...] = ("record_locator", "surname")) -> "Frame":
        """A new wish in the same conversation: only what names the booking is carried over."""
        slots = {name: value for name, value in self.slots.items() if name in keep}
        typed = {name: value for name, value in self.typed.items() if name in keep}
        return Frame(intent=intent, slots=slots, typed=typed, queue=self.queue, query=self.query)

    def settle(self) -> "Frame":
        return replace(self, closed=True, awaiting=None, aside=None, kind=None, unclear=0)

    def to_json(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value not in (None, (), {}, False, 0)}


_FRAME = TypeAdapter(Frame)


def frame_of(raw: object) -> Frame | None:
    """None when the message carries none, or one that cannot be read."""
    if not isinstance(raw, dict):
        return None
    try:
        return _FRAME.validate_python(raw)
    except ValidationError:
        return None
