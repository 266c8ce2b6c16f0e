"""A message read against where the conversation stands: which wish it holds, how surely, and which slots it fills."""

import re
from dataclasses import dataclass
from typing import Final

from agent.embedded.catalogue import Catalogue, Intent
from agent.embedded.frame import Frame
from agent.embedded.nearest import IntentReader, Reading
from agent.embedded.requests import bare_wish, chunks_of, parts_of
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
_SENTENCES: Final = 4
"""At either end of a long message: people open or close with what they want."""
_CHUNKS: Final = 6
_PERSON = re.compile(
    r"\b(?:humans?|persons?|people|someone|somebody|agents?|operators?|representatives?|colleagues?|advis[eo]rs?|"
    r"supervisors?|managers?|staff|employees?)\b",
    re.I,
)


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
        reading = self._bare(scene) or self._reader.read(scene.text, scene.read)
        intent = self._catalogue.intents[reading.intent]
        if (intent.tool is None and intent.answer in _PREAMBLES) or reading.confidence < SURE:
            reading = self._wish_within(scene) or reading
        if intent.tool != "hand_off" or reading.confidence < CERTAIN:
            reading = self._person_wanted(scene) or reading
        return Heard(scene=scene, frame=frame, reading=reading, intent=self._catalogue.intents[reading.intent])

    def part(self, text: str, scene: Scene) -> tuple[Intent, float]:
        """One sentence by itself, with its confidence."""
        reading = self._reader.read(text, extract(text, today=scene.today))
        return self._catalogue.intents[reading.intent], reading.confidence

    def intent(self, name: str) -> Intent:
        return self._catalogue.intents[name]

    def _bare(self, scene: Scene) -> Reading | None:
        """The wish beside what is called off or proved; None where the message is nothing but its wish."""
        text = bare_wish(scene.text, [name.text for name in scene.read.surnames])
        if text == scene.text:
            return None
        reading = self._reader.read(text, extract(text, today=scene.today))
        return reading if self._catalogue.intents[reading.intent].tool and reading.confidence >= SURE else None

    def _person_wanted(self, scene: Scene) -> Reading | None:
        """'My father died, I cannot fly, let a human help me': who asks for a person gets one, whatever else is said."""
        chunks = chunks_of(scene.text)
        if not 2 <= len(chunks) <= _CHUNKS:
            return None
        readings = [
            self._reader.read(chunk, extract(chunk, today=scene.today)) for chunk in chunks if _PERSON.search(chunk)
        ]
        return next((r for r in readings if r.intent == "hand_off" and r.confidence >= CERTAIN), None)

    def _wish_within(self, scene: Scene) -> Reading | None:
        """The one sentence of a rambling message that wants something."""
        parts = list(dict.fromkeys(parts_of(scene.text)))
        if len(parts) < 2:
            return None
        ends = parts if len(parts) <= 2 * _SENTENCES else [*parts[:_SENTENCES], *parts[-_SENTENCES:]]
        readings = [self._reader.read(part, extract(part, today=scene.today)) for part in ends]
        wishes = [r for r in readings if self._catalogue.intents[r.intent].tool and r.confidence >= SURE]
        return max(wishes, key=lambda reading: reading.confidence, default=None)


def informed(frame: Frame, intent: Intent, scene: Scene) -> Frame:
    """The frame with what the message says of the wish; the story of a bag is the first one told."""
    slots = [s for s in read_slots(intent, scene) if s.name != "description" or s.name not in frame.slots]
    return frame.with_slots({s.name: s.value for s in slots}, {s.name: s.typed for s in slots})
