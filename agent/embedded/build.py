"""Builds the embedded model from its data, an embedder and a folder for what it has worked out."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from agent.embedded.catalogue import default_catalogue_path, load_catalogue
from agent.embedded.language import recogniser
from agent.embedded.mind import Mind
from agent.embedded.model import EmbeddedChatModel
from agent.embedded.nearest import IntentReader
from agent.embedded.passages import PolicyAnswers
from agent.embedded.phrases import load_phrases
from knowledge.embeddings import Embedder


def build_embedded_model(embedder: Embedder, *, cache_dir: Path, today: Callable[[], date]) -> EmbeddedChatModel:
    """The first build embeds every example, in some seconds, and keeps the result in `cache_dir`."""
    catalogue = load_catalogue(default_catalogue_path())
    phrases = load_phrases()
    mind = Mind(
        catalogue=catalogue,
        phrases=phrases,
        reader=IntentReader(catalogue, embedder, cache_dir),
        recognise=recogniser(phrases.languages),
        policies=PolicyAnswers(embedder),
    )
    return EmbeddedChatModel(think=mind.think, today=today)
