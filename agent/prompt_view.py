"""What a model was sent, as a person can read it: `concierge chat --show-prompt`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool


@dataclass(frozen=True, kw_only=True)
class Prompt:
    rung: str
    """The model it went to, as the settings name it."""
    messages: Sequence[AnyMessage]
    tools: Sequence[BaseTool | dict[str, Any]]


def show_prompt(prompt: Prompt, *, tools: bool = True) -> str:
    """Every message with its role, and before them the tools' schemas: all that is sent, in the order it is sent."""
    blocks = [f"=== to {prompt.rung}"]
    if tools:
        blocks += ["--- tools", *(_compact(convert_to_openai_tool(tool)["function"]) for tool in prompt.tools)]
    for message in prompt.messages:
        blocks += [f"--- {_head(message)}", *_body(message)]
    return "\n".join(blocks)


def _head(message: AnyMessage) -> str:
    if isinstance(message, ToolMessage):
        return f"tool {message.name}"
    return {"human": "user", "ai": "assistant"}.get(message.type, message.type)


def _body(message: AnyMessage) -> list[str]:
    said = [str(message.content)] if message.content else []
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return said + [f"calls {call['name']} {_compact(call['args'])}" for call in calls]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
