"""What happened in one case: all that scorers look at and a reader may want to see. Plain data, kept in the log."""

from dataclasses import asdict, dataclass, field
from typing import Any

from tools.domain.money import format_minor


@dataclass
class Spent:
    """On a model that is not the agent's. calls counts failed ones too."""

    calls: int = 0
    tokens: int = 0


@dataclass
class ToolUse:
    name: str
    arguments: dict[str, Any]
    outcome: str
    say: str
    body: str = ""


@dataclass
class Exchange:
    """One thing the person did and what came back. pressed: confirm or decline, of the card shown last."""

    said: str
    pressed: str = ""
    reply: str = ""
    kind: str = ""
    tools: list[ToolUse] = field(default_factory=list)
    card: dict[str, Any] | None = None
    citations: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    milliseconds: float = 0.0
    model_calls: int = 0
    tokens: int = 0


@dataclass
class Record:
    """tools_done: the tools that took effect at a service; proposed: those a card was shown for.

    changed and expected: the lines of evals/endstate.py of this run and of the reference run. secrets: fields of the
    victim that the person did not type. blame_customer: the script was not used up while the agent waited.
    astray: how a customer that is a model left the case; nothing is scored then. customer_*: what that model cost.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    tools_done: list[str] = field(default_factory=list)
    proposed: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    expected: list[str] | None = None
    reference: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    typed: str = ""
    handoff: str = "none"
    packet: dict[str, Any] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    blame_customer: bool = False
    astray: str = ""
    customer_calls: int = 0
    customer_tokens: int = 0
    must_say: list[str] = field(default_factory=list)
    must_not_say: list[str] = field(default_factory=list)
    variants: list[dict[str, Any]] = field(default_factory=list)

    @property
    def replies(self) -> str:
        return "\n".join(exchange.reply for exchange in self.exchanges)

    @property
    def read(self) -> str:
        """Every reply with what its card says, as the person reads it."""
        return "\n".join([self.replies, *(card_text(exchange.card) for exchange in self.exchanges if exchange.card)])

    @property
    def shown(self) -> str:
        """Every reply, card and tool result."""
        tools = [use.body for exchange in self.exchanges for use in exchange.tools]
        cards = [str(exchange.card) for exchange in self.exchanges if exchange.card]
        return "\n".join([self.replies, *tools, *cards])

    @property
    def milliseconds(self) -> float:
        return sum(exchange.milliseconds for exchange in self.exchanges)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Record":
        exchanges = [
            Exchange(**{**row, "tools": [ToolUse(**use) for use in row["tools"]]}) for row in data.get("exchanges", ())
        ]
        return cls(**{**data, "exchanges": exchanges})


def card_words(card: dict[str, Any]) -> str:
    """What its reader may answer to: with the phrase that it asks to be typed."""
    phrase = card.get("confirm_phrase")
    return f"{card_text(card)}; to confirm, type: {phrase}" if phrase else card_text(card)


def card_text(card: dict[str, Any]) -> str:
    """A proposal's summary, amounts and clauses, as the page shows them."""
    amounts = (f"{row['name']} {format_minor(row['minor'], row['currency'])}" for row in card.get("amounts", ()))
    titles = (f"{row['clause_id']} {row['title']}" for row in card.get("clauses", ()))
    return "; ".join([str(card.get("summary", "")), *amounts, *titles])
