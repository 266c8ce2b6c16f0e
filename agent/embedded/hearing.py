"""A message read against where the conversation stands: which wish it holds, how surely, and which slots it fills."""

from dataclasses import dataclass
from typing import Final

from agent.embedded.catalogue import Catalogue, Intent
from agent.embedded.frame import Frame
from agent.embedded.nearest import IntentReader, Reading
from agent.embedded.requests import parts_of
from agent.embedded.scene import Scene
from agent.embedded.slots import read_slots
from tools.extract.message import extract

# Set on the development part of the intents suite.
UNSURE: Final = 0.30
"""Below it the model asks instead of acting."""
SURE: Final = 0.60
"""From it on a message is a wish of its own although another question stands."""
CERTAIN: Final = 0.75
"""From it on a person is fetched at once; below, offered."""
SHORT: Final = 6
"""Words of a message that may lean on what was said before."""

_PREAMBLES = frozenset({"verify", "clarify", "greeting", "thanks", "complaint"})
"""What a message may open or close with, besides its wish."""
_SENTENCES: Final = 5


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A message with its reading, and the frame it meets."""

    scene: Scene
    frame: Frame
    reading: Reading
    intent: Intent

    @property
    def pending(self) -> bool:
        """A wish stands that is not served yet."""
        return self.frame.intent is not None and not self.frame.closed

    @property
    def asks(self) -> bool:
        return "?" in self.scene.text

    @property
    def words(self) -> int:
        return len(self.scene.text.split())


class Hearing:
    def __init__(self, catalogue: Catalogue, reader: IntentReader) -> None:
        self._catalogue = catalogue
        self._reader = reader

    def hear(self, scene: Scene, frame: Frame) -> Heard:
        reading = self._reader.read(scene.text, scene.read)
        intent = self._catalogue.intents[reading.intent]
        if (intent.tool is None and intent.answer in _PREAMBLES) or reading.confidence < SURE:
            reading = self._wish_within(scene) or reading
        return Heard(scene=scene, frame=frame, reading=reading, intent=self._catalogue.intents[reading.intent])

    def part(self, text: str, scene: Scene) -> tuple[Intent, float]:
        """One sentence by itself, with its confidence."""
        reading = self._reader.read(text, extract(text, today=scene.today))
        return self._catalogue.intents[reading.intent], reading.confidence

    def intent(self, name: str) -> Intent:
        return self._catalogue.intents[name]

    def _wish_within(self, scene: Scene) -> Reading | None:
        """The one sentence of a rambling message that wants something."""
        parts = parts_of(scene.text)
        if len(parts) < 2:
            return None
        readings = [self._reader.read(part, extract(part, today=scene.today)) for part in parts[:_SENTENCES]]
        wishes = [r for r in readings if self._catalogue.intents[r.intent].tool and r.confidence >= SURE]
        return max(wishes, key=lambda reading: reading.confidence, default=None)


def informed(frame: Frame, intent: Intent, scene: Scene) -> Frame:
    """The frame with what the message says of the wish; the story of a bag is the first one told."""
    slots = [s for s in read_slots(intent, scene) if s.name != "description" or s.name not in frame.slots]
    return frame.with_slots({s.name: s.value for s in slots}, {s.name: s.typed for s in slots})
