"""A person in a conversation, for tests: says things, presses buttons."""

from dataclasses import dataclass, replace

from agent.answers import Answer, Executed
from agent.bootstrap import Platform
from agent.interface import Message
from tools.context import Speaker
from tools.sandbox.people import Persona


@dataclass
class Talk:
    platform: Platform
    speaker: Speaker
    conversation_id: str

    async def say(self, text: str, key: str | None = None) -> Answer:
        message = Message(conversation_id=self.conversation_id, text=text, idempotency_key=key)
        turn = await self.platform.concierge.handle(message, self.speaker)
        answer = await turn.answer()
        if answer.secret:
            self.speaker = replace(self.speaker, secret=answer.secret)
        return answer

    async def confirm(self, answer: Answer) -> Executed:
        return await self.platform.concierge.confirm(answer.proposals[0].id, self.speaker)


def customer(persona: Persona) -> Speaker:
    return Speaker(
        kind="customer", subject=str(persona.customer_id), customer_id=persona.customer_id, address="203.0.113.7"
    )


async def talk(platform: Platform, speaker: Speaker | None = None) -> Talk:
    speaker = speaker or Speaker(kind="anonymous", address="203.0.113.9")
    opened = await platform.concierge.open(speaker)
    return Talk(platform, replace(speaker, secret=opened.secret), opened.id)
