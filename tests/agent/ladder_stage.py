"""A person in front of model servers that misbehave, and of a last rung that is scripted."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import SecretStr

from agent.answers import Answer
from agent.bootstrap import Overrides, Platform, build
from agent.models import Rung, remote_rungs
from agent.settings import Settings
from tests.agent.misbehaving import ModelServer, Scripted, serving
from tests.agent.scripted import ScriptedModel
from tests.agent.talk import Talk, customer, talk
from tools.sandbox.people import ADA

HOME = "I am the last rung."


@dataclass
class Stage:
    """A person in front of one or two model servers and a scripted last rung; built once, cleared for each test."""

    platform: Platform
    server: ModelServer
    second: ModelServer
    home: ScriptedModel
    person: Talk = field(init=False)

    async def clear(self, script: Sequence[Scripted], second: Sequence[Scripted]) -> None:
        for server, acts in ((self.server, script), (self.second, second)):
            server.script[:], server.requests[:] = acts, []
            if not server.listening:
                await server.start()
        self.home.script[:] = [HOME]
        self.home.seen.clear()
        for breaker in self.platform.ladder.breakers.values():
            breaker.answered()
        self.person = await talk(self.platform, customer(ADA))

    async def say(self, text: str = "How big may my cabin bag be?") -> Answer:
        return await self.person.say(text)

    @property
    def asked(self) -> tuple[int, int, int]:
        """How often each rung was asked, by its own count."""
        return len(self.server.requests), len(self.second.requests), len(self.home.seen)


class Staging:
    def __init__(self, home: Path, overrides: Overrides, stack: AsyncExitStack) -> None:
        self._home = home
        self._overrides = overrides
        self._stack = stack
        self._stages: dict[tuple[bool, float], Stage] = {}

    @asynccontextmanager
    async def __call__(
        self, *script: Scripted, second: Sequence[Scripted] | None = None, seconds: float = 20.0
    ) -> AsyncIterator[Stage]:
        kind = (second is not None, seconds)
        if kind not in self._stages:
            self._stages[kind] = await self._build(*kind)
        stage = self._stages[kind]
        await stage.clear(script, second or ())
        yield stage

    async def _build(self, two: bool, seconds: float) -> Stage:
        server = await self._stack.enter_async_context(serving())
        second = await self._stack.enter_async_context(serving())
        home = ScriptedModel(script=[])
        named = [("openai:first", server), ("openai:second", second)][: 1 + two]
        rungs = [rung for name, at in named for rung in remote_rungs(_settings(name, at, seconds))]
        overrides = replace(self._overrides, rungs=(*rungs, Rung(name="embedded", model=home)))
        settings = Settings(home=self._home / f"{two}{seconds}", sandbox_size="demo", turn_seconds=seconds)
        shutil.copytree(self._home / "seeded", settings.home)
        return Stage(await self._stack.enter_async_context(build(settings, overrides)), server, second, home)


def _settings(name: str, server: ModelServer, seconds: float) -> Settings:
    return Settings(model=name, openai_base_url=server.url, openai_api_key=SecretStr("k"), turn_seconds=seconds)
