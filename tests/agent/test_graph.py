"""LangChain's own agent and the lean loop: the same words to the model, the same answer to the person."""

import asyncio
import shutil
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from agent.bootstrap import Overrides, Platform, build
from agent.ladder import MODEL_CALLS
from agent.models import Rung
from agent.settings import Settings
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.agent.scripted import Line, ScriptedModel
from tests.agent.talk import customer, talk
from tests.conftest import Clock
from tools.sandbox.people import ADA

BAGS: Line = [("search_policies", {"query": "cabin bag"})]
CANCEL: tuple[str, dict[str, object]] = ("cancel_booking", {"record_locator": ADA.locator})
SCRIPTS: dict[str, list[Line]] = {
    "a reply": ["Good morning."],
    "a read": [BAGS, "You may bring a cabin bag on board. [[BAG-CABIN]]"],
    "reads side by side": [[("search_policies", {"query": "cabin bag"}), ("list_bookings", {})], "There you are."],
    "a card": [[("list_bookings", {})], [CANCEL], "This is never said."],
    "two writes side by side": [[("list_bookings", {})], [CANCEL, CANCEL]],
    "a tool that is none": [[("rm_rf", {"path": "/"})], "I cannot."],
    "wrong arguments": [[("cancel_booking", {"when": "now"})], "I cannot."],
    "a hand-off": [[("hand_off", {"reason": "asked for a person"})], "This is never said."],
    "no end": [BAGS] * (MODEL_CALLS + 2),
}


def told(message: BaseMessage) -> tuple[str, str, object]:
    calls = message.tool_calls if isinstance(message, AIMessage) else getattr(message, "tool_call_id", None)
    return message.type, str(message.content), calls


async def played(platform: Platform, model: ScriptedModel) -> dict[str, object]:
    """By script: what the model was shown, and what the person got."""
    seen: dict[str, object] = {}
    for name, lines in SCRIPTS.items():
        model.script[:] = lines
        model.seen.clear()
        answer = await (await talk(platform, customer(ADA))).say("please help me")
        shown = [[told(message) for message in prompt] for prompt in model.seen]
        cards = [card.model_dump(exclude={"id"}) for card in answer.proposals]
        text = answer.message.text.replace(answer.handoff.case_id or "no case", "CASE")
        seen[name] = shown, text, answer.outcome, answer.handoff.state, cards, answer.usage.model_calls
    return seen


@pytest.mark.parametrize("which", SCRIPTS)
async def test_a_setting_brings_back_langchains_agent_which_says_and_does_the_same(
    which: str, both: tuple[dict[str, object], dict[str, object]]
) -> None:
    lean, stock = both
    assert lean[which] == stock[which]


@pytest.fixture(scope="module")
def both(
    seeded_home: Path, tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM, pack: PolicyPack
) -> tuple[dict[str, object], dict[str, object]]:
    async def one(home: Path, *, stock: bool) -> dict[str, object]:
        shutil.copytree(seeded_home, home)
        model = ScriptedModel(script=[])
        overrides = Overrides(clock=Clock(), embedder=embedder, pack=pack, rungs=(Rung(name="scripted", model=model),))
        async with build(Settings(home=home, sandbox_size="demo", stock_agent=stock), overrides) as platform:
            return await played(platform, model)

    homes = tmp_path_factory.mktemp("graph")
    return asyncio.run(one(homes / "lean", stock=False)), asyncio.run(one(homes / "stock", stock=True))
