"""The intents as data: agent/embedded/intents.yaml, read and checked when the model is built."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML


class Intent(BaseModel):
    """Either `tool` serves it or `answer` names a reply of phrases.yaml. Slots asked for stand in `needs`, in order;
    `record_locator?` means that a signed-in person's bookings are listed instead of asking."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    tool: str | None = None
    answer: str | None = None
    customers: str | None = None
    """The reply to people who are no staff, where the tool is for staff."""
    counts_as: str | None = None
    """What the intents suite calls the answer: smalltalk, clarify, refuse, hand_off."""
    fixed: Mapping[str, str | bool] = Field(default_factory=dict)
    defaults: Mapping[str, str] = Field(default_factory=dict)
    instead: str | None = None
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    examples: tuple[str, ...] = Field(min_length=5)

    @model_validator(mode="after")
    def _one_way_to_serve(self) -> "Intent":
        if (self.tool is None) == (self.answer is None):
            raise ValueError(f"{self.name}: either tool or answer")
        return self

    @property
    def serves(self) -> str:
        """What answers it: the tool, or the reply in the words of the intents suite."""
        return self.tool or self.answer or ""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    intents: Mapping[str, Intent]
    digest: str

    def examples(self) -> list[tuple[str, str]]:
        """(text, name of its intent), in the order of the file."""
        return [(text, intent.name) for intent in self.intents.values() for text in intent.examples]


def default_catalogue_path() -> Path:
    return Path(__file__).with_name("intents.yaml")


def load_catalogue(path: Path) -> Catalogue:
    """Raises pydantic.ValidationError, naming the intent, when the file cannot be used."""
    text = path.read_text(encoding="utf-8")
    entries = YAML(typ="safe").load(text)["intents"]
    intents = {name: Intent(name=name, **(entry | {"examples": _lines(entry)})) for name, entry in entries.items()}
    return Catalogue(intents=intents, digest=hashlib.sha256(text.encode()).hexdigest())


def _lines(entry: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in entry["examples"].splitlines() if line.strip())
