"""What the models are told holds nothing that would be worth telling on: figures are the clauses', secrets nobody's."""

import importlib.resources
import re

import pytest

from agent.settings import Settings

PROMPTS = sorted((importlib.resources.files("agent") / "prompts").iterdir(), key=lambda file: file.name)


@pytest.mark.parametrize("file", PROMPTS, ids=lambda file: file.name)
def test_a_prompt_has_no_figure_no_address_and_no_setting(file: importlib.resources.abc.Traversable) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\d+", text) == []
    assert re.findall(r"https?://|\b\S+@\S+\.\w+\b", text) == []
    assert [name for name in Settings.model_fields if re.search(rf"\b(?:concierge_)?{name}\b\s*[=:]", text, re.I)] == []
