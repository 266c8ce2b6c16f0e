"""A remote model that is asked for one small JSON object at a time: the customer or the judge of an eval."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import openai
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel, ValidationError

from agent.faults import read_fault
from agent.models import Rung, close_ladder, remote_rungs
from agent.settings import Settings
from evals.record import Spent
from tools.domain.errors import SettingsError

SEED = 20250101
"""Sent with every request; whether a model keeps to it is its own affair."""
ATTEMPTS = 2
PATIENCE = 60.0
Shape = TypeVar("Shape", bound=BaseModel)
_FAILURES = (openai.APIError, TimeoutError, ValueError, LookupError, TypeError, AttributeError)
_REMOTE = re.compile(r"(?:azure|openai):.+")
_OBJECT = re.compile(r"\{.*\}", re.S)


class Unusable(Exception):
    """The model did not answer in time, or with nothing that was asked for."""


class RemoteModel:
    def __init__(self, rung: Rung) -> None:
        self.name = rung.name
        self._model = rung.model.bind(temperature=0, seed=SEED, response_format={"type": "json_object"})

    async def ask(self, messages: Sequence[BaseMessage], shape: type[Shape], spent: Spent) -> Shape:
        """Asks again once. Raises Unusable."""
        trouble = ""
        for _ in range(ATTEMPTS):
            spent.calls += 1
            try:
                return read_object(await self._reply(messages, spent), shape)
            except Unusable as error:
                trouble = str(error)
        raise Unusable(trouble)

    async def _reply(self, messages: Sequence[BaseMessage], spent: Spent) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await self._model.ainvoke(list(messages))
        except _FAILURES as error:
            raise Unusable(f"the model failed: {read_fault(error).kind}") from error
        if isinstance(reply, AIMessage) and reply.usage_metadata:
            spent.tokens += reply.usage_metadata["total_tokens"]
        return str(reply.text)


def read_object(reply: str, shape: type[Shape]) -> Shape:
    """The one JSON object of a reply, fenced or not. Raises Unusable."""
    found = _OBJECT.search(reply)
    if found is None:
        raise Unusable("the model said nothing" if not reply.strip() else f"no JSON object: {reply[:80]!r}")
    try:
        return shape.model_validate(json.loads(found[0]))
    except (json.JSONDecodeError, ValidationError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.msg
        raise Unusable(f"not the object that was asked for: {first}") from error


@asynccontextmanager
async def open_remote(name: str, settings: Settings) -> AsyncIterator[RemoteModel]:
    """name: azure:<deployment> or openai:<model>. Raises SettingsError."""
    if not _REMOTE.fullmatch(name):
        raise SettingsError(f"{name!r} is none of azure:<deployment>, openai:<model>")
    rungs = remote_rungs(settings.model_copy(update={"model": name, "second_model": None}))
    try:
        yield RemoteModel(rungs[0])
    finally:
        await close_ladder(rungs)
