"""A customer played by a chat model: it knows the scenario's facts and wishes, and words them itself.

What goes wrong with it (`Astray`) is the simulator's fault, never the agent's.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, Field, model_validator

from evals.asking import RemoteModel, Unusable
from evals.cases import Dialogue, Turn
from evals.casting import Cast
from evals.customer import Astray, Heard, MakeCustomer, News
from evals.prompt import read_prompt
from evals.record import Spent
from tools.extract.message import extract

MOST_WORDS = 600
"""Characters of one message: a customer who writes more is not the one of the scenario."""
_OUT_OF_ROLE = re.compile(
    r"\bas an? (?:ai\b|artificial|assistant|language model)|language model|simulat|role.?play|system prompt"
    r"|test scenario|\bmy (?:script|instructions|lines|scenario)\b|\bhow (?:can|may) i (?:help|assist)\b"
    r"|\bi(?:'ve| have)? (?:cancelled|booked|refunded|changed|rebooked|processed|issued) your\b"
    r"|\byour (?:booking|refund|request|flight) (?:is|was|has been) (?:cancelled|processed|confirmed|changed)\b",
    re.I,
)
_NAME_ALONE = re.compile(r"[A-ZÀ-Þ][\w'’-]+")
_SPOKEN = {"CODE": "(the one-time code you were sent)", "CONFIRM": "(what the card asks you to type)"}
_LEVELS = {
    "authenticated": "You are signed in.",
    "verified": "You have proved your booking already, also by a code.",
    "booking": "You have given your booking reference and surname already.",
}


class Line(BaseModel):
    do: Literal["say", "confirm", "decline", "done"]
    words: str = Field(default="", max_length=MOST_WORDS)

    @model_validator(mode="after")
    def _says_something(self) -> "Line":
        if self.do == "say" and not self.words.strip():
            raise ValueError("nothing is said")
        return self


@dataclass
class Improvised:
    """news: the one-time code that came last, as the person's phone shows it."""

    model: RemoteModel
    brief: str
    news: News
    today: date
    presses: bool = False
    left: Sequence[Turn] = ()
    spent: Spent = field(default_factory=Spent)
    told: list[BaseMessage] = field(default_factory=list)
    known: str = ""
    code: str = ""

    async def next(self, heard: Heard) -> Turn | None:
        """Raises Astray."""
        if not self.told:
            self.told.append(SystemMessage(f"{read_prompt('customer')}\n\n{self.brief}"))
            self.known = self.brief
        self._hear(heard)
        try:
            line = await self.model.ask(self.told, Line, self.spent)
        except Unusable as error:
            raise Astray(str(error)) from error
        if found := strayed(line.words, self.known, self.today, asked=heard.text):
            raise Astray(f"{found}: {line.words[:120]!r}")
        self.told.append(AIMessage(line.model_dump_json(exclude_defaults=True)))
        return _turn(line, heard)

    def _hear(self, heard: Heard) -> None:
        seen = [heard.text or "(The chat has just opened. You write first.)"]
        if heard.shown:
            seen.append(f"[A card with the buttons confirm and decline: {heard.shown}]")
        if (code := self.news()) and code != self.code:
            self.code = code
            seen.append(f"[A message on your phone: your one-time code is {code}]")
        self.told.append(HumanMessage("\n\n".join(seen)))
        self.known += "\n" + "\n".join(seen)


def _turn(line: Line, heard: Heard) -> Turn | None:
    if line.do == "done":
        return None
    if line.do == "say":
        return Turn(when="said", say=line.words.strip())
    if not heard.card:
        raise Astray(f"pressed {line.do} where no card was shown")
    return Turn(when="said", press=line.do)


def strayed(words: str, known: str, today: date, *, asked: str = "") -> str:
    """How the words leave the scenario: out of the part, or with a fact that nobody gave; empty if they do not.

    asked: what they answer, for a name alone is a surname where one was asked for.
    """
    if _OUT_OF_ROLE.search(words):
        return "out of its role"
    read = extract(words, today=today)
    named = (read.locators, read.flights, read.surnames, read.emails, read.phones, read.codes, read.bag_tags)
    values = [found.text for kind in named for found in kind]
    if "surname" in asked.casefold() and _NAME_ALONE.fullmatch(words.strip()):
        values.append(words.strip())
    plain = _plain(known)
    invented = list(dict.fromkeys(value for value in values if _plain(value) not in plain))
    return f"against the facts of the scenario ({', '.join(invented)})" if invented else ""


def _plain(text: str) -> str:
    return re.sub(r"[\s-]+", "", text).casefold()


def brief_of(dialogue: Dialogue, actors: Cast) -> str:
    """Who the person is, what they want, and what they mean to say; only the facts that the case gives them."""
    spoken = actors.also(**_SPOKEN)
    lines = [f"- {turn.when}: {spoken.filled(turn.say) or f'[press {turn.press}]'}" for turn in dialogue.turns]
    facts = [f"- {name}: {value}" for name, value in _facts(dialogue, actors)]
    return "\n".join(
        [
            f"What you want: {spoken.filled(dialogue.goal or dialogue.title)}",
            _LEVELS.get(actors.level, "You are not signed in."),
            "\nWhat you know:",
            *facts,
            "\nWhat you mean to say, and when:",
            *lines,
        ]
    )


def _facts(dialogue: Dialogue, actors: Cast) -> list[tuple[str, str]]:
    """Reference and surname too, unless a line of the case has its own."""
    own = [("your name", "CUSTOMER"), ("your booking reference", "LOCATOR"), ("the surname on the booking", "SURNAME")]
    lines = " ".join(f"{turn.when} {turn.say}" for turn in dialogue.turns)
    given = [pair for pair in own if pair[1] != "SURNAME" or "surname" not in lines or "{SURNAME}" in lines]
    return [(label, actors.values[name]) for label, name in given]


def improvised(model: RemoteModel, today: Callable[[], date]) -> MakeCustomer:
    def make(dialogue: Dialogue, actors: Cast, news: News) -> Improvised:
        return Improvised(model=model, brief=brief_of(dialogue, actors), news=news, today=today())

    return make
