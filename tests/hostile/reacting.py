"""How a careless person takes a card: by a yes, the phrase or the button, too late, twice or too early."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import update

from agent.answers import Answer, ShownProposal
from agent.bootstrap import Platform
from agent.errors import CallerError
from agent.interface import Message
from agent.store.rows import proposal_row
from agent.store.tables import proposals
from tests.agent.talk import Talk, customer
from tests.conftest import Clock, Codes
from tests.hostile.strategies import Exchange
from tests.hostile.watching import Watch
from tools.context import Speaker
from tools.sandbox.people import PERSONAS

YES = ("yes", "yes please", "ok do it")


@dataclass(repr=False)
class Stage:
    """A platform that lives through all conversations of the test."""

    runner: asyncio.Runner
    platform: Platform
    script: list[object]
    watch: Watch
    codes: Codes
    clock: Clock
    tally: Counter[str] = field(default_factory=Counter)
    """What the conversations came to, so that a test in which nothing happens is noticed."""


async def react(stage: Stage, person: Talk, exchange: Exchange, answer: Answer) -> None:
    card = next((p for p in answer.proposals if p.status == "pending"), None)
    if card is None or exchange.reaction not in REACTIONS:
        return
    stage.script[:] = ["Fine."] * 3
    await REACTIONS[exchange.reaction](stage, person, card)
    stage.watch.confirming = None


async def say_yes(stage: Stage, person: Talk, card: ShownProposal) -> None:
    stage.watch.confirming = card.id
    await person.say("yes")


async def say_phrase(stage: Stage, person: Talk, card: ShownProposal) -> None:
    stage.watch.confirming = card.id
    await person.say(card.confirm_phrase or "yes")


async def press(stage: Stage, person: Talk, card: ShownProposal) -> None:
    stage.watch.confirming = card.id
    await _confirm(stage, card.id, person.speaker)


async def press_twice(stage: Stage, person: Talk, card: ShownProposal) -> None:
    stage.watch.confirming = card.id
    await asyncio.gather(*(_confirm(stage, card.id, person.speaker) for _ in range(2)))


async def come_late(stage: Stage, person: Talk, card: ShownProposal) -> None:
    """The card stands there and its time is over: first the words, then the button."""
    stage.clock.now = card.expires_at
    await person.say(card.confirm_phrase or "yes")
    await _confirm(stage, card.id, person.speaker)


async def be_somebody_else(stage: Stage, person: Talk, card: ShownProposal) -> None:
    for stranger in (Speaker(kind="anonymous"), *map(customer, PERSONAS[:3])):
        if stranger.kind != person.speaker.kind or stranger.customer_id != person.speaker.customer_id:
            await _confirm(stage, card.id, stranger)


async def press_an_older_one(stage: Stage, person: Talk, card: ShownProposal) -> None:
    for older in await stage.platform.stores.proposals.of(person.conversation_id):
        if older.id != card.id:
            await _confirm(stage, older.id, person.speaker)


async def press_what_changed(stage: Stage, person: Talk, card: ShownProposal) -> None:
    """The record is another than the card was decided on."""
    proposal = await stage.platform.stores.proposals.get(card.id)
    assert proposal is not None
    body = proposal_row(replace(proposal, details={**proposal.details, "changed": "yes"}))["body"]
    async with stage.platform.stores.proposals._database.writing() as connection:
        await connection.execute(update(proposals).where(proposals.c.id == card.id).values(body=body))
    await _confirm(stage, card.id, person.speaker)


async def say_yes_to_another_act(stage: Stage, person: Talk, card: ShownProposal) -> None:
    await person.say("ok, send it" if card.tool != "send_notification" else "ok, cancel it")


async def say_before_the_card(stage: Stage, person: Talk, exchange: Exchange) -> Answer:
    """Impatient: the next words are on their way before the card is there."""
    locator = next((str(given["record_locator"]) for _, given in exchange.calls if "record_locator" in given), "")
    stage.watch.confirming = None
    turns = []
    for words in ("thanks" if exchange.words in YES else exchange.words, f"cancel {locator}", "yes"):
        message = Message(conversation_id=person.conversation_id, text=words)
        turns.append(await stage.platform.concierge.handle(message, person.speaker))
    answers = [await turn.answer() for turn in turns]
    for answer in answers:
        if answer.secret:
            person.speaker = replace(person.speaker, secret=answer.secret)
    return answers[-1]


async def _confirm(stage: Stage, card: str, speaker: Speaker) -> None:
    with contextlib.suppress(CallerError):
        await stage.platform.concierge.confirm(card, speaker)


Reaction = Callable[[Stage, Talk, ShownProposal], Awaitable[None]]
REACTIONS: Mapping[str, Reaction] = {
    "yes": say_yes,
    "phrase": say_phrase,
    "button": press,
    "twice": press_twice,
    "late": come_late,
    "stranger": be_somebody_else,
    "old": press_an_older_one,
    "changed": press_what_changed,
    "other act": say_yes_to_another_act,
}
