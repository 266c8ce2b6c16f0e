"""A sentence that nothing backs, from a model server to the person: asked for once more, then replaced."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from agent.answers import Answer, SentenceEvent, TurnEvent
from agent.bootstrap import Overrides, Platform, build
from agent.interface import Message
from agent.ladder import MODEL_CALLS
from agent.models import Rung, remote_rungs
from agent.settings import Settings
from agent.viewing import show_claims
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.agent.misbehaving import ModelServer, Scripted, calls, fails, says, serving
from tests.agent.scripted import ScriptedModel
from tests.agent.talk import Talk, customer, talk
from tests.conftest import Clock
from tools.sandbox.people import ADA

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEARCH = calls(("search_policies", {"query": "size of cabin bag"}))
TRUE = "You may take one cabin bag of up to 8 kg. [[BAG-CABIN]]"
FALSE = "You may take two cabin bags of up to 12 kg. [[BAG-CABIN]]"
AFTER = "It is free with every fare. [[BAG-CABIN]]"


@dataclass
class Stage:
    platform: Platform
    server: ModelServer
    person: Talk

    async def say(self, *acts: Scripted, text: str = "How big may my cabin bag be?") -> Answer:
        self.server.script[:], self.server.requests[:] = acts, []
        return await self.person.say(text)

    def noted(self, request: int) -> str:
        """What a request said to the model behind the person's words."""
        return str(self.server.requests[request]["messages"][-1]["content"])


@asynccontextmanager
async def _stage(home: Path, overrides: Overrides) -> AsyncIterator[Stage]:
    async with serving() as server:
        named = Settings(model="openai:m", openai_base_url=server.url, openai_api_key=SecretStr("k"))
        last = Rung(name="embedded", model=ScriptedModel(script=[]))
        rungs = (*remote_rungs(named), last)
        whole = Overrides(clock=overrides.clock, embedder=overrides.embedder, pack=overrides.pack, rungs=rungs)
        async with build(Settings(home=home, sandbox_size="demo"), whole) as platform:
            yield Stage(platform, server, await talk(platform, customer(ADA)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform_stage(
    seeded_home: Path, tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM, pack: PolicyPack
) -> AsyncIterator[Stage]:
    home = tmp_path_factory.mktemp("releasing") / "home"
    shutil.copytree(seeded_home, home)
    async with _stage(home, Overrides(clock=Clock(), embedder=embedder, pack=pack)) as built:
        yield built


@pytest_asyncio.fixture(loop_scope="module")
async def stage(platform_stage: Stage) -> Stage:
    """A new conversation of the same person."""
    person = await talk(platform_stage.platform, customer(ADA))
    return Stage(platform_stage.platform, platform_stage.server, person)


async def test_true_sentences_leave_as_they_were_written(stage: Stage) -> None:
    answer = await stage.say(SEARCH, says(f"{TRUE} {AFTER}"))
    assert answer.message.text == "You may take one cabin bag of up to 8 kg. It is free with every fare."
    assert len(stage.server.requests) == 2


async def test_a_sentence_nothing_backs_is_asked_for_once_more_with_what_was_wrong(stage: Stage) -> None:
    answer = await stage.say(SEARCH, says(f"Gladly. {FALSE} {AFTER}"), says(f"{TRUE} {AFTER}"))
    assert answer.message.text == "Gladly. You may take one cabin bag of up to 8 kg. It is free with every fare."
    assert len(stage.server.requests) == 3
    assert "12 kg" in stage.noted(2)
    assert "do not mention this note" in stage.noted(2)
    assert stage.server.requests[2]["messages"][-2] == {"role": "assistant", "content": "Gladly. "}


async def test_the_second_asking_keeps_the_prompt_prefix(stage: Stage) -> None:
    await stage.say(SEARCH, says(FALSE), says(TRUE))
    first, second = (stage.server.requests[at]["messages"] for at in (1, 2))
    assert second[: len(first)] == first
    assert stage.server.requests[1]["tools"] == stage.server.requests[2]["tools"]


async def test_what_is_repeated_after_the_second_asking_is_said_once(stage: Stage) -> None:
    answer = await stage.say(SEARCH, says(f"Gladly. {FALSE}"), says(f"Gladly. {TRUE}"))
    assert answer.message.text.count("Gladly.") == 1


async def test_a_sentence_nothing_backs_twice_gives_way_to_the_clauses_own_words(stage: Stage) -> None:
    answer = await stage.say(SEARCH, says(FALSE), says(f"{FALSE} {AFTER}"))
    assert "12 kg" not in answer.message.text
    assert answer.message.text.startswith('Our policy "')
    assert answer.message.text.endswith("It is free with every fare.")
    assert "BAG-CABIN" in [citation.clause_id for citation in answer.message.citations]
    assert len(stage.server.requests) == 3


async def test_when_the_second_asking_fails_the_evidence_speaks(stage: Stage) -> None:
    answer = await stage.say(SEARCH, says(FALSE), fails(400, "content_filter"))
    assert "12 kg" not in answer.message.text
    assert answer.message.text.startswith('Our policy "')


async def test_a_promise_with_nothing_behind_it_is_never_heard(stage: Stage) -> None:
    promise = "We will call you back within the hour."
    answer = await stage.say(says(promise), says(promise), text="my bag is lost!")
    assert answer.message.text == "I cannot confirm that: nothing I have in front of me says so."


async def test_a_claim_before_a_call_is_dropped_and_nobody_is_asked_again(stage: Stage) -> None:
    early = calls(("search_policies", {"query": "cabin bag"}), text="You may take 12 kg.")
    answer = await stage.say(early, says(TRUE))
    assert answer.message.text == "You may take one cabin bag of up to 8 kg."
    assert len(stage.server.requests) == 2


async def test_the_second_asking_stays_within_the_budget_of_a_turn(stage: Stage) -> None:
    loop = [calls(("search_policies", {"query": f"cabin bag {at}"})) for at in range(MODEL_CALLS - 1)]
    answer = await stage.say(*loop, says(FALSE), says(TRUE))
    assert len(stage.server.requests) == MODEL_CALLS
    assert "12 kg" not in answer.message.text


async def test_nothing_false_is_ever_streamed(stage: Stage) -> None:
    stage.server.script[:] = [SEARCH, says(f"Gladly. {FALSE}"), says(FALSE)]
    seen = [event.text async for event in await _events(stage) if isinstance(event, SentenceEvent)]
    assert seen
    assert not any("12 kg" in text for text in seen)


async def test_the_ledger_keeps_each_claim_with_the_clause_in_its_version(stage: Stage) -> None:
    answer = await stage.say(SEARCH, says("The bag may weigh eight kilos. Anything else?"))
    told = await stage.platform.stores.turns.claims_of(stage.person.conversation_id)
    (claim,) = show_claims(told, ())
    assert claim.message_id == answer.message.id
    assert claim.sentence == "The bag may weigh eight kilos."
    assert [(c.clause_id, c.version) for backing in claim.backing for c in backing.clauses] == [("BAG-CABIN", 1)]
    assert [c.clause_id for c in answer.message.citations] == ["BAG-CABIN"]


async def test_the_ledger_keeps_a_card_and_its_receipt_with_their_tool(stage: Stage) -> None:
    listed = calls(("list_bookings", {}))
    card = await stage.say(listed, calls(("cancel_booking", {"record_locator": ADA.locator})), text="cancel my booking")
    await stage.person.confirm(card)
    told = await stage.platform.stores.turns.claims_of(stage.person.conversation_id)
    proposals = await stage.platform.stores.proposals.of(stage.person.conversation_id)
    claims = show_claims(told, proposals)
    kinds = [(backing.kind, backing.source) for claim in claims for backing in claim.backing]
    assert kinds == [("card", "cancel_booking"), ("receipt", "cancel_booking")]
    assert all(backing.clauses for claim in claims for backing in claim.backing)
    assert claims[-1].backing[0].record_locator == ADA.locator


async def _events(stage: Stage) -> AsyncIterator[TurnEvent]:
    message = Message(conversation_id=stage.person.conversation_id, text="cabin bag?")
    return (await stage.platform.concierge.handle(message, stage.person.speaker)).events()
