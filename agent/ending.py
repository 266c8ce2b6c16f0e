"""How a turn's work becomes an answer and lines of the transcript."""

import json
from collections.abc import Sequence
from datetime import datetime

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from agent.answers import Answer, OutcomeKind, ShownHandoff, ShownMessage, ShownOutcome
from agent.loop import keep_entry
from agent.scope import TurnScope
from agent.showing import show_proposal
from agent.transcript import seen_in
from tools.context import TurnContext
from tools.domain.money import format_minor
from tools.proposals import Proposal


def answer_of(
    scope: TurnScope,
    *,
    kind: OutcomeKind,
    card: Proposal | None,
    handoff: ShownHandoff,
    secret: str | None,
    now: datetime,
) -> Answer:
    tool, outcome = scope.outcomes[-1] if scope.outcomes else (None, None)
    clauses = getattr(outcome, "clauses", ())
    deciding = clauses[0].clause_id if clauses and kind != "answered" else next(iter(scope.cited), None)
    return Answer(
        message=ShownMessage(
            id=scope.reply_id,
            role="assistant",
            text="".join(scope.sentences).strip(),
            citations=tuple(scope.cited.values()),
            choices=scope.choices,
            at=now,
        ),
        outcome=ShownOutcome(kind=kind, clause_id=deciding, tool=tool),
        proposals=(show_proposal(card),) if card else (),
        handoff=handoff,
        usage=scope.usage.usage(),
        secret=secret,
    )


def keep_messages(scope: TurnScope, added: Sequence[AnyMessage]) -> None:
    """The model's calls and the tools' results, for the turns to come. The reply itself is kept by keep_reply."""
    for message in added:
        if isinstance(message, AIMessage) and message.tool_calls:
            frame = message.additional_kwargs.get("frame")
            calls = [dict(call) for call in message.tool_calls]
            # what was said beside the calls stands in the reply
            keep_entry(scope, "model", "", {"tool_calls": calls, "frame": frame})
        elif isinstance(message, ToolMessage):
            body = str(message.content)
            payload = {"tool_call_id": message.tool_call_id, "name": message.name, **_seen(body)}
            keep_entry(scope, "tool", body, payload)
        elif isinstance(message, AIMessage):
            scope.frame = message.additional_kwargs.get("frame")


def keep_reply(scope: TurnScope, answer: Answer, card: Proposal | None) -> None:
    payload = {
        "citations": [citation.model_dump() for citation in answer.message.citations],
        "choices": [choice.model_dump(mode="json") for choice in answer.message.choices],
        "card": card.id if card else None,
        "card_text": card_text(card) if card else None,
        "frame": scope.frame,
    }
    keep_entry(scope, "assistant", answer.message.text, payload, visible=True)


def card_text(card: Proposal) -> str:
    """The card in one line, for the transcript a model reads."""
    amounts = ", ".join(f"{a.name} {format_minor(a.minor, a.currency)}" for a in card.quote.amounts)
    return f"{card.summary}. {amounts}." if amounts else f"{card.summary}."


def who_speaks(turn: TurnContext) -> str:
    """The subject of the audit: the signed-in person, or the conversation of somebody nobody knows."""
    return f"conversation:{turn.conversation_id}" if turn.speaker.kind == "anonymous" else str(turn.subject_for())


def _seen(body: str) -> dict[str, object]:
    try:
        told = json.loads(body)
    except json.JSONDecodeError:
        return {}
    return seen_in(told) if isinstance(told, dict) else {}
