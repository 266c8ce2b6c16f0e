"""What the embedded model says in its own words: phrases.yaml."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML


class Phrases(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    say: Mapping[str, str]
    ask: Mapping[str, str]
    task: Mapping[str, str]
    back: str
    offer: Mapping[str, str]
    languages: Mapping[str, str]
    english_follows: str

    def foreign(self, language: str) -> str:
        return f"{self.languages[language]}\n\n{self.english_follows}"


def load_phrases(path: Path | None = None) -> Phrases:
    source = path or Path(__file__).with_name("phrases.yaml")
    return Phrases.model_validate(YAML(typ="safe").load(source.read_text(encoding="utf-8")))
