import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from agent.embedded.catalogue import default_catalogue_path, load_catalogue
from agent.embedded.nearest import IntentReader, Reading
from agent.embedded.phrases import load_phrases
from knowledge.embeddings import Vectors
from tools.extract.message import extract

SMALL = """
intents:
  cancel:
    tool: cancel_booking
    examples: |
      cancel my booking
      cancel the trip
      please cancel
      call off my flight
      drop the reservation
  chat:
    answer: greeting
    counts_as: smalltalk
    examples: |
      hello
      hi there
      good morning
      hey you
      good day
"""


class WordEmbedder:
    """A vector a word, summed: enough to tell two intents apart, and it counts what it is asked."""

    dimension = 64
    model_id = "words"

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return np.array([self._one(text) for text in texts], dtype=np.float32)

    def _one(self, text: str) -> Vectors:
        seeds = (int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") for word in text.split())
        vector = sum((np.random.default_rng(seed).normal(size=self.dimension) for seed in seeds), np.ones(64) * 1e-6)
        unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
        return unit


def reader(folder: Path, embedder: WordEmbedder) -> IntentReader:
    path = folder / "intents.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return IntentReader(load_catalogue(path), embedder, folder / "cache")


def read(intents: IntentReader, text: str) -> Reading:
    return intents.read(text, extract(text, today=date(2026, 11, 24)))


def test_the_nearest_examples_decide(tmp_path: Path) -> None:
    intents = reader(tmp_path, WordEmbedder())
    assert read(intents, "cancel my trip please").intent == "cancel"
    assert read(intents, "hello there").intent == "chat"
    assert read(intents, "cancel my trip please").runner_up == "chat"


def test_examples_are_embedded_once_and_kept_on_disk(tmp_path: Path) -> None:
    first, second = WordEmbedder(), WordEmbedder()
    before = read(reader(tmp_path, first), "cancel it all")
    after = read(reader(tmp_path, second), "cancel it all")
    assert (first.asked, second.asked) == (11, 1)
    assert before == after


def test_kept_weights_that_cannot_be_read_are_made_anew(tmp_path: Path) -> None:
    reader(tmp_path, WordEmbedder())
    (kept,) = (tmp_path / "cache").glob("*.npz")
    kept.write_bytes(b"broken")
    again = WordEmbedder()
    assert read(reader(tmp_path, again), "hello").intent == "chat"
    assert again.asked == 11


def test_an_intent_is_served_one_way(tmp_path: Path) -> None:
    path = tmp_path / "intents.yaml"
    path.write_text(
        SMALL.replace("tool: cancel_booking", "tool: cancel_booking\n    answer: greeting"), encoding="utf-8"
    )
    with pytest.raises(ValidationError, match="cancel: either tool or answer"):
        load_catalogue(path)


def test_the_shipped_intents_reach_every_tool_and_have_their_words() -> None:
    catalogue, phrases = load_catalogue(default_catalogue_path()), load_phrases()
    tools = {intent.tool for intent in catalogue.intents.values() if intent.tool}
    asked_by_flow = {"verify_booking", "send_code", "check_code"}
    assert len(catalogue.intents) >= 30
    assert len(tools | asked_by_flow) == 28
    assert tools <= phrases.task.keys()
    for intent in catalogue.intents.values():
        assert all(need.rstrip("?") in phrases.ask for need in intent.needs)
        assert intent.instead is None or intent.instead in catalogue.intents
        assert intent.tool or intent.counts_as


def test_no_figure_stands_in_the_models_own_words() -> None:
    phrases = load_phrases()
    spoken = [*phrases.say.values(), *phrases.ask.values(), *phrases.offer.values()]
    assert not [text for text in spoken if any(c.isdigit() for c in text)]
