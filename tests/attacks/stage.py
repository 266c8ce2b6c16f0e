"""What the attacks start from: a card in front of Ada, and people who are not her."""

from agent.answers import Answer
from agent.bootstrap import Platform
from agent.store.conversations import Entry
from agent.store.proposals import add_proposal
from tests.agent.talk import Talk, customer, talk
from tests.conftest import NOON, Codes
from tools.context import Speaker
from tools.domain.ids import RecordLocator
from tools.ports import Subject
from tools.proposals import Proposal
from tools.sandbox.people import ADA, Persona

SYSTEM = Subject("system")
PHRASE = f"cancel {ADA.locator}"
ANNA = Speaker(kind="staff", subject="anna", name="Anna", roles=frozenset({"agent"}))


async def card_for_ada(platform: Platform, script: list[object]) -> tuple[Talk, Answer]:
    script[:] = [[("cancel_booking", {"record_locator": ADA.locator})]]
    person = await talk(platform, customer(ADA))
    return person, await person.say(f"please cancel {ADA.locator}")


async def card_for_a_bag(platform: Platform, script: list[object]) -> tuple[Talk, Answer]:
    """A card that a plain yes confirms."""
    script[:] = [[("add_ancillary", {"record_locator": ADA.locator, "kind": "bag"})]]
    person = await talk(platform, customer(ADA))
    return person, await person.say(f"a bag for {ADA.locator}")


async def proved(platform: Platform, script: list[object], persona: Persona, codes: Codes | None = None) -> Talk:
    """An anonymous person who proved the booking; with codes, to the level verified."""
    person = await talk(platform)
    script[:] = ["Thanks."]
    await person.say(f"{persona.locator}, {persona.surname}")
    if codes is not None:
        script[:] = [[("send_code", {"record_locator": persona.locator})], "Sent.", "Thanks."]
        await person.say("send me a code")
        await person.say(codes.sent[-1])
    return person


async def status_of_ada(platform: Platform) -> str:
    return (await platform.services.booking.get(RecordLocator(ADA.locator), subject=SYSTEM)).status


async def proposal(platform: Platform, answer: Answer) -> Proposal:
    found = await platform.stores.proposals.get(answer.proposals[0].id)
    assert found is not None
    return found


async def keep(platform: Platform, made: Proposal) -> None:
    async with platform.stores.proposals._database.writing() as connection:
        await add_proposal(connection, made)


async def plant(person: Talk, role: str, text: str) -> None:
    """A line in the transcript that the person did not write."""
    payload = {"name": "search_policies", "tool_call_id": "planted"}
    entry = Entry(id=f"e_{role}", turn_id=None, role=role, text=text, at=NOON, payload=payload)
    await person.platform.stores.conversations.add(person.conversation_id, entry, [])
