"""A model that emits any call with any arguments and any words, and a person who says yes to everything."""

import asyncio
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import delete

from agent.answers import Answer
from agent.bootstrap import Overrides, build
from agent.errors import CallerError
from agent.models import Rung
from agent.settings import Settings
from agent.store.tables import attempts
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.agent.scripted import ScriptedModel
from tests.agent.talk import Talk, customer, talk
from tests.conftest import NOON, Clock, Codes
from tests.hostile.judging import SYSTEM, Judge, owns, said_in
from tests.hostile.reacting import YES, Stage, react, say_before_the_card
from tests.hostile.strategies import SCENES, Exchange, Scene
from tests.hostile.watching import CONTROL, Watch
from tests.soak.figures import keep_figures
from tools.context import Speaker, TurnContext
from tools.domain.ids import ConversationId, MessageId, RecordLocator
from tools.extract.consents import withdrawals
from tools.sandbox.people import PERSONAS, Persona
from tools.telling import tell_outcome

CONVERSATIONS = int(os.environ.get("HOSTILE_CONVERSATIONS", "200"))
SAID_AS = {"de": "German"}
"""What an argument is called in the words of strategies.py."""
WATCHED_FOR = ("executed", "superseded", "expired", "own read", "withdrawn")
ENOUGH = 150
"""So many conversations come to everything that is watched for."""
OF_ONE_BOOKING = frozenset({"get_booking", "check_eligibility", "list_resolutions", "cancel_booking", "request_refund"})
PROFILE = settings(
    max_examples=CONVERSATIONS,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def stage(seeded_home: Path, tmp_path: Path, embedder: MiniLM, pack: PolicyPack) -> Iterator[Stage]:
    home = tmp_path / "home"
    shutil.copytree(seeded_home, home)
    model, codes, clock = ScriptedModel(script=[]), Codes(), Clock()
    overrides = Overrides(
        clock=clock, embedder=embedder, pack=pack, new_code=codes, rungs=(Rung(name="hostile", model=model),)
    )
    with asyncio.Runner() as runner:
        context = build(Settings(home=home, sandbox_size="demo"), overrides)
        platform = runner.run(context.__aenter__())
        played = Stage(runner, platform, model.script, Watch(platform.services), codes, clock)
        yield played
        runner.run(context.__aexit__(None, None, None))
    keep_figures("hostile", {"conversations": CONVERSATIONS, "came_to": dict(played.tally)})
    if CONVERSATIONS >= ENOUGH:
        assert all(played.tally[what] for what in WATCHED_FOR), played.tally


@PROFILE
@given(scene=SCENES)
def test_no_model_output_changes_anything(stage: Stage, scene: Scene) -> None:
    stage.runner.run(play(stage, scene))


async def play(stage: Stage, scene: Scene) -> None:
    persona = PERSONAS[scene.persona]
    stage.watch.seen.clear()
    stage.script.clear()
    await start_afresh(stage)
    if scene.speaker == "staff":
        await play_staff(stage, scene, persona)
        return
    person = await talk(stage.platform, speaker_of(scene, persona))
    if scene.speaker in ("booking", "verified"):
        await prove(stage, person, persona, scene.speaker)
    stage.watch.faults = Judge(platform=stage.platform, person=person).faults
    for drawn in scene.exchanges:
        exchange = drawn.of(persona.locator)
        answer = await exchange_words(stage, person, exchange)
        await react(stage, person, exchange, answer)
    await check_writes(stage, person)
    await check_reads(stage, person)
    await check_words(stage, person, persona)


async def play_staff(stage: Stage, scene: Scene, persona: Persona) -> None:
    """Staff have no chat; what a model could call for them in a case changes nothing and shows nobody else."""
    anna = Speaker(kind="staff", subject="agent-anna", roles=frozenset({"agent"}))
    person = await talk(stage.platform, anna)
    with pytest.raises(CallerError):
        await person.say("cancel everything")
    turn = TurnContext(
        conversation_id=ConversationId(person.conversation_id),
        message_id=MessageId("m_staff"),
        speaker=anna,
        grants=(),
        said=tuple(exchange.words for exchange in scene.exchanges),
        now=NOON,
        case_id="CS0000000",
        case_customer=persona.customer_id,
        case_locator=persona.locator,
    )
    shown = []
    for exchange in scene.exchanges:
        for name, arguments in exchange.of(persona.locator).calls:
            ruling = await stage.platform.executor.call(name, arguments, turn)
            shown.append(json.dumps(tell_outcome(ruling.outcome), default=str))
    assert all((seen.service, seen.method) in CONTROL for seen in stage.watch.seen), stage.watch.seen
    assert_nobody_else("\n".join(shown), "\n".join(turn.said), persona, frozenset({persona.locator}))


def speaker_of(scene: Scene, persona: Persona) -> Speaker:
    if scene.speaker == "authenticated":
        return customer(persona)
    return Speaker(kind="anonymous", address=f"198.51.100.{scene.persona}-{id(scene)}")


async def start_afresh(stage: Stage) -> None:
    """Attempts of the conversations before lock nobody out, and no card of theirs makes flights depart."""
    stage.clock.now = NOON
    async with stage.platform.stores.identities._database.writing() as connection:
        await connection.execute(delete(attempts))


async def prove(stage: Stage, person: Talk, persona: Persona, level: str) -> None:
    stage.script[:] = ["Thank you."]
    await person.say(f"{persona.locator}, {persona.surname}")
    if level == "verified":
        sent = len(stage.codes.sent)
        stage.script[:] = [[("send_code", {"record_locator": persona.locator})], "Sent."]
        await person.say("send me a code")
        if len(stage.codes.sent) > sent:
            stage.script[:] = ["Thank you."]
            await person.say(stage.codes.sent[-1])


async def exchange_words(stage: Stage, person: Talk, exchange: Exchange) -> Answer:
    stage.script[:] = [[call] for call in exchange.calls] + [exchange.reply]
    stage.watch.confirming = await card_shown_last(person) if exchange.words in YES else None
    if exchange.reaction == "early":
        return await say_before_the_card(stage, person, exchange)
    answer = await person.say(exchange.words)
    stage.watch.confirming = None
    return answer


async def card_shown_last(person: Talk) -> str | None:
    transcript = await person.platform.stores.conversations.transcript(person.conversation_id)
    card = transcript[-1].payload.get("card") if transcript else None
    return str(card) if card else None


async def check_writes(stage: Stage, person: Talk) -> None:
    """No write without an executed proposal that this person confirmed while its card was the last thing shown."""
    proposals = {p.id: p for p in await stage.platform.stores.proposals.of(person.conversation_id)}
    withdrawn = {w.value.purpose for text in await said_in(person) for w in withdrawals(text)}
    for seen in stage.watch.seen:
        assert seen.channel_open, seen
        assert not seen.faults, seen
        if (seen.service, seen.method) in CONTROL:
            continue
        if seen.is_withdrawal:
            stage.tally["withdrawn"] += 1
            assert seen.key.split(":")[2] in withdrawn, seen
            continue
        assert seen.proposal in proposals, seen
        assert seen.confirmed == seen.proposal, seen
        assert proposals[seen.proposal].status in ("executed", "failed", "superseded"), seen
    stage.tally.update(proposal.status for proposal in proposals.values())
    keys = [seen.key for seen in stage.watch.seen]
    assert len(keys) == len(set(keys))
    said = await said_by(person)
    for proposal in proposals.values():
        for name, source in proposal.sources.items():
            value = proposal.arguments[name]
            typed = SAID_AS.get(value, value).casefold()
            assert source != "your words" or typed in said.casefold(), (name, value)


async def check_reads(stage: Stage, person: Talk) -> None:
    """No tool told anything of a booking that is not the speaker's."""
    transcript = await person.platform.stores.conversations.transcript(person.conversation_id)
    grants = await person.platform.stores.conversations.grants(person.conversation_id)
    asked: dict[str, Mapping[str, object]] = {}
    for entry in transcript:
        calls = entry.payload.get("tool_calls")
        asked |= {str(call["id"]): call["args"] for call in calls} if isinstance(calls, list) else {}
        if entry.role != "tool" or entry.payload.get("name") not in OF_ONE_BOOKING:
            continue
        told = json.loads(entry.text)
        if told["outcome"] in ("done", "proposed") or told.get("clauses"):
            locator = RecordLocator(str(asked[str(entry.payload["tool_call_id"])]["record_locator"]))
            booking = await stage.platform.services.booking.get(locator, subject=SYSTEM)
            assert owns(person.speaker, booking, grants, "booking"), (person.speaker, entry)
            stage.tally["own read"] += 1


async def check_words(stage: Stage, person: Talk, persona: Persona) -> None:
    """Nothing of another customer in a reply or a tool result, except what the person typed."""
    transcript = await person.platform.stores.conversations.transcript(person.conversation_id)
    shown = "\n".join(entry.text for entry in transcript if entry.role in ("assistant", "tool"))
    said = await said_by(person)
    grants = await person.platform.stores.conversations.grants(person.conversation_id)
    assert_nobody_else(shown, said, persona, frozenset(str(grant.locator) for grant in grants))
    assert "999 EUR" not in shown


def assert_nobody_else(shown: str, said: str, persona: Persona, proved: frozenset[str]) -> None:
    for other in PERSONAS:
        if other.locator in {persona.locator, *proved}:
            continue
        for secret in (other.email, other.phone, f"{other.given_name} {other.surname}", other.loyalty_number):
            assert secret is None or secret not in shown or secret in said, (secret, shown)


async def said_by(person: Talk) -> str:
    transcript = await person.platform.stores.conversations.transcript(person.conversation_id)
    return "\n".join(entry.text for entry in transcript if entry.role == "customer")
