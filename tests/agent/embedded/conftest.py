import tempfile
from datetime import date
from pathlib import Path

import pytest

from agent.embedded.build import build_embedded_model
from agent.embedded.model import EmbeddedChatModel
from knowledge.embeddings import load_minilm
from tests.agent.embedded.stage import TODAY


@pytest.fixture(scope="session")
def model() -> EmbeddedChatModel:
    """Built once; the vectors of its examples are kept from run to run under their digest."""
    kept = Path(tempfile.gettempdir()) / "concierge-tests"
    return build_embedded_model(load_minilm(), cache_dir=kept, today=lambda: date.fromisoformat(TODAY))
