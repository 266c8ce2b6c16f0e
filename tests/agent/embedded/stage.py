"""A conversation with the embedded model without the rest: the test plays the executor."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.runnables import Runnable

from agent.embedded.model import EmbeddedChatModel

TODAY: Final = "2026-11-24"
Told = Mapping[str, Any]

_ARGUMENTS: Final = {
    "search_policies": "query",
    "get_flight_status": "flight_number date",
    "search_flights": "origin destination date",
    "get_booking": "record_locator",
    "check_eligibility": "action record_locator reason",
    "list_resolutions": "record_locator",
    "list_bookings": "",
    "get_profile": "",
    "get_consents": "",
    "list_cases": "",
    "recommend_offers": "record_locator",
    "verify_booking": "record_locator surname",
    "send_code": "record_locator channel",
    "check_code": "record_locator code",
    "book_flight": "flight_number date",
    "cancel_booking": "record_locator reason",
    "change_flight": "record_locator flight_number new_date new_flight_number",
    "rebook_disrupted": "record_locator new_flight_number new_date",
    "add_ancillary": "record_locator kind passenger detail",
    "correct_name": "record_locator passenger corrected_name",
    "request_refund": "record_locator reason",
    "claim_compensation": "record_locator flight_number",
    "report_baggage": "record_locator kind bag_tag description",
    "send_notification": "record_locator template channel",
    "update_profile": "field value",
    "set_consent": "purpose channel granted",
    "issue_goodwill": "kind amount",
    "hand_off": "reason",
}
FIRST: Final = [
    "search_policies",
    "verify_booking",
    "send_code",
    "check_code",
    "get_booking",
    "list_bookings",
    "get_flight_status",
    "check_eligibility",
    "cancel_booking",
    "hand_off",
]

CABIN: Final = {
    "clause_id": "BAG-CABIN",
    "title": "Cabin baggage",
    "score": 0.9,
    "text": (
        "How big and how heavy may my hand luggage be? Every passenger with a seat may take 1 cabin bag of up to 8 kg\n"
        "on board, no larger than 55 x 40 x 23 cm with wheels and handles. It goes in the overhead locker and is free "
        "with every fare."
    ),
}


def definitions(names: Sequence[str] = tuple(_ARGUMENTS)) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": name,
                "parameters": {
                    "type": "object",
                    "properties": {argument: {"type": "string"} for argument in _ARGUMENTS[name].split()},
                },
            },
        }
        for name in names
    ]


def done(say: str = "", **data: Any) -> Told:
    return {"outcome": "done", "say": say, "data": data}


def refused(say: str, *clauses: str) -> Told:
    return {"outcome": "refused", "say": say, "clauses": [{"clause_id": c, "version": 1, "title": c} for c in clauses]}


def needs_level(level: str, locator: str | None = None) -> Told:
    return {
        "outcome": "identity_needed",
        "say": "Please sign in.",
        "needs": {"level": level, "record_locator": locator},
    }


PROPOSED: Final[Told] = {"outcome": "proposed", "say": "A Flex fare is refundable.", "clauses": []}


@dataclass
class Stage:
    """`results` answers a call by its tool: a told outcome, a list of them in order, or a function of the arguments."""

    model: EmbeddedChatModel
    results: dict[str, Told | list[Told] | Callable[[Mapping[str, Any]], Told]] = field(default_factory=dict)
    speaker: str = "anonymous"
    verified: str = "none"
    tools: Sequence[str] = tuple(_ARGUMENTS)
    keep_frames: bool = True
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    history: list[BaseMessage] = field(default_factory=list)

    def say(self, text: str, *by_reader: tuple[str, Mapping[str, Any]]) -> str:
        """One turn; returns what the person reads. `by_reader`: calls made before the model ran."""
        self.calls.clear()
        self.history.append(HumanMessage(content=text))
        for name, arguments in by_reader:
            self._call(AIMessage(content="", tool_calls=[_call(name, arguments, len(self.history))]))
        spoken: list[str] = []
        for _ in range(8):
            reply = self._bound().invoke([self._facts(), *self.history])
            spoken.append(str(reply.content))
            if not self.keep_frames:
                reply = AIMessage(content=reply.content, tool_calls=reply.tool_calls)
            if not reply.tool_calls:
                self.history.append(reply)
                break
            self.calls.append((reply.tool_calls[0]["name"], reply.tool_calls[0]["args"]))
            if self._call(reply)["outcome"] == "proposed":
                self.history.append(
                    AIMessage(content="A card.\n(Card shown: Cancel booking K7XQ2P. refund 100.00 EUR.)")
                )
                break
        else:
            raise AssertionError(f"no end: {self.calls}")
        return "\n".join(filter(None, spoken))

    @property
    def called(self) -> list[str]:
        return [name for name, _ in self.calls]

    def _call(self, reply: AIMessage) -> Told:
        call = reply.tool_calls[0]
        prepared = self.results[call["name"]]
        told = prepared.pop(0) if isinstance(prepared, list) else prepared
        told = told(call["args"]) if callable(told) else told
        body = json.dumps(told)
        self.history += [reply, ToolMessage(content=body, tool_call_id=str(call["id"]), name=call["name"])]
        return told

    def _bound(self) -> Runnable[LanguageModelInput, AIMessage]:
        return self.model.bind_tools(definitions(self.tools))

    def _facts(self) -> SystemMessage:
        return SystemMessage(
            content=f"You help.\ntoday: {TODAY}\nspeaker: {self.speaker}\nbookings verified: {self.verified}"
        )


def _call(name: str, arguments: Mapping[str, Any], number: int) -> Any:
    return {"name": name, "args": dict(arguments), "id": f"reader_{number}", "type": "tool_call"}
