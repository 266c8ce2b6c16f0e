"""A chat model that says what the test wrote: each item is a reply or a list of tool calls, in order."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.base import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

ToolCalls = list[tuple[str, dict[str, object]]]
Line = str | ToolCalls | Exception


class ScriptedModel(BaseChatModel):
    """When the script is used up it answers 'Fine.' seen holds the messages of every call."""

    script: list[Any]
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def seen(self) -> list[list[BaseMessage]]:
        return self._seen

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[LanguageModelInput, AIMessage]:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = self._next(messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(**message.model_dump(exclude={"type"})))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=self._next(messages))

    def _next(self, messages: list[BaseMessage]) -> AIMessageChunk:
        self._seen.append(messages)
        line: Line = self.script.pop(0) if self.script else "Fine."
        if isinstance(line, Exception):
            raise line
        if isinstance(line, str):
            return AIMessageChunk(content=line)
        calls = [
            {"name": name, "args": args, "id": f"call_{len(self._seen)}_{at}", "type": "tool_call"}
            for at, (name, args) in enumerate(line)
        ]
        return AIMessageChunk(content="", tool_calls=calls)
