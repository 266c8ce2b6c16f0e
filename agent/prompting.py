"""What a remote model is sent: a form of the messages that every compatible server takes.

Many chat templates allow one system message, the first. Notes that change from turn to turn (the facts of the turn, the
summary of what was trimmed) are therefore put before the person's words, and the prefix stays the same bytes.
"""

from collections.abc import Sequence

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage


def fold(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """System messages after the first become a note at the head of the next human message."""
    folded: list[AnyMessage] = []
    notes: list[str] = []
    for message in messages:
        if isinstance(message, SystemMessage) and folded:
            notes.append(str(message.content))
        elif isinstance(message, HumanMessage) and notes:
            folded.append(HumanMessage(content=_noted(notes, str(message.content))))
            notes = []
        else:
            folded.append(message)
    return folded


def this_turn(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The prompt without the turns before: the first message, and everything from the facts of this turn on."""
    facts = max((at for at, message in enumerate(messages) if isinstance(message, SystemMessage)), default=0)
    return [*messages[:1], *messages[max(facts, 1) :]]


def has_past(messages: Sequence[AnyMessage]) -> bool:
    return len(this_turn(messages)) < len(messages)


def _noted(notes: Sequence[str], said: str) -> str:
    return "<note>\n" + "\n".join(notes) + "\n</note>\n\n" + said.replace("<note>", "(note)")
