"""The embedded model as a LangChain chat model: the same calls and replies as an LLM, with no key and no network."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict

from agent.embedded.scene import Scene, scene_of
from agent.embedded.step import Step
from agent.embedded.toolbox import Toolbox

_SENTENCE = re.compile(r"\S.*?(?:(?<=[.!?])(?:\s*\[\[[\w-]+\]\])*(?=\s)|$)\s*", re.S)
_CHARACTERS_A_TOKEN = 4

Think = Callable[[Scene, Toolbox], Step]


class EmbeddedChatModel(BaseChatModel):
    """`think` decides the next step. A reply costs a few milliseconds of CPU and no I/O, so it runs on the loop.

    It keeps its place in AIMessage.additional_kwargs["frame"], and works out what it can when that is missing.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    think: Think
    today: Callable[[], date]

    @property
    def _llm_type(self) -> str:
        return "concierge-embedded"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        toolbox = Toolbox.of([convert_to_openai_tool(tool) for tool in tools])
        return self.bind(toolbox=toolbox, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = self._reply(messages, kwargs.get("toolbox"))
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, None, **kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(self._reply(messages, kwargs.get("toolbox"))):
            yield ChatGenerationChunk(message=chunk)

    def _reply(self, messages: Sequence[BaseMessage], toolbox: Toolbox | None) -> AIMessage:
        scene = scene_of(messages, today=self.today())
        step = self.think(scene, toolbox or Toolbox())
        calls = []
        if step.tool:
            identifier = f"call_{len(scene.past) + len(scene.results)}_{len(messages)}"
            calls = [{"name": step.tool, "args": dict(step.arguments), "id": identifier, "type": "tool_call"}]
        return AIMessage(
            content=f"{step.text}\n\n" if step.text and step.tool else step.text,
            tool_calls=calls,
            additional_kwargs={"frame": step.frame.to_json()},
            usage_metadata=_usage(messages, step),
        )


def _chunks(message: AIMessage) -> Iterator[AIMessageChunk]:
    """A chunk a sentence, then one with the call, the frame and the usage."""
    for sentence in _SENTENCE.findall(str(message.content)):
        yield AIMessageChunk(content=sentence)
    yield AIMessageChunk(
        content="",
        tool_call_chunks=[
            tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=at)
            for at, call in enumerate(message.tool_calls)
        ],
        additional_kwargs=message.additional_kwargs,
        usage_metadata=message.usage_metadata,
    )


def _usage(messages: Sequence[BaseMessage], step: Step) -> UsageMetadata:
    """Counted by characters: good enough for a model that costs nothing."""
    read = sum(len(str(message.content)) for message in messages) // _CHARACTERS_A_TOKEN
    written = (len(step.text) + len(json.dumps(dict(step.arguments)))) // _CHARACTERS_A_TOKEN
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
