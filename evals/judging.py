"""A judge model for tone and helpfulness. Its verdicts are told beside the scores and never decide anything."""

from dataclasses import dataclass
from typing import Literal

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, Field

from evals.asking import RemoteModel
from evals.prompt import read_prompt
from evals.record import Record, Spent, card_text

MOST_READ = 20_000
"""Characters of a conversation that the judge is shown; the end of a longer one."""
Grade = Literal["good", "bad"]


class Verdict(BaseModel):
    tone: Grade
    helpfulness: Grade
    why: str = Field(default="", max_length=500)

    def good(self, aspect: str) -> bool:
        return bool(getattr(self, aspect) == "good")


@dataclass(frozen=True, kw_only=True)
class Judge:
    model: RemoteModel

    async def grade(self, talk: str, spent: Spent) -> Verdict:
        """Raises Unusable."""
        marked = f"<<<conversation\n{talk[-MOST_READ:]}\nconversation>>>"
        return await self.model.ask([SystemMessage(read_prompt("judge")), HumanMessage(marked)], Verdict, spent)


def talk_of(record: Record) -> str:
    """What passed between the two, as the customer saw it."""
    lines = []
    for exchange in record.exchanges:
        card = f"\n[card: {card_text(exchange.card)}]" if exchange.card else ""
        lines.append(told(exchange.said or f"[presses {exchange.pressed}]", f"{exchange.reply}{card}"))
    return "\n".join(lines)


def told(customer: str, reply: str) -> str:
    return f"Customer: {customer}\nAssistant: {reply}"
