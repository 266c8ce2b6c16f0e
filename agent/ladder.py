"""The ladder: the first model that can answer speaks, within the turn's deadline, and nothing is said twice.

Primary deployment, second deployment, embedded model, a fixed sentence. Which fault leads where stands in
agent/faults.py. Once a sentence of a reply has reached the person, no other rung takes that reply over: it would repeat
or contradict it. The reply then ends with a fixed sentence, and the next turn finds it in the transcript.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.tools import BaseTool

from agent.breaker import Breaker
from agent.faults import CONDUCT, ModelFault, read_fault
from agent.models import Rung
from agent.prompt_view import Prompt
from agent.prompting import fold, has_past, this_turn
from agent.reply import as_message, whole_reply
from agent.scope import TurnScope
from agent.settings import Price
from agent.usage import price_of
from agent.voice import Voice

MODEL_CALLS = 6
"""Requests to remote models in one turn, failed ones included; and replies of any model."""
PAUSE = 0.25
LONGEST_PAUSE = 2.0
"""Seconds before the one repeat. A server that asks for a longer wait is left alone for that long."""
RESERVE = 0.05
"""The share of a turn's time that is kept for the embedded model."""
DOWN = "I am sorry, I cannot answer just now. Would you like me to hand you over to a colleague?"
BROKEN_OFF = "I have to break off here, because my connection failed. Ask me to go on and I will."
_FAILURES = (openai.APIError, TimeoutError, ValueError, LookupError, TypeError, AttributeError)
_log = logging.getLogger("concierge.ladder")

Bound = tuple[Runnable[Any, Any], Mapping[str, Any]]
Tools = Sequence[BaseTool | dict[str, Any]]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """alone: without the turns before. again: this is the rung's one repeat. seconds: until its first words, and again
    between the next; None for a model in this process."""

    rung: Rung
    pause: float = 0.0
    alone: bool = False
    again: bool = False
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    messages: Sequence[AnyMessage]
    tools: Tools
    scope: TurnScope


class Ladder:
    def __init__(
        self,
        rungs: Sequence[Rung],
        *,
        turn_seconds: float = 20.0,
        prices: Mapping[str, Price] | None = None,
        currency: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._rungs = rungs
        self._turn_seconds = turn_seconds
        self._prices = prices or {}
        self._currency = currency
        self._monotonic = monotonic
        self._sleep = sleep
        self._bound: dict[tuple[str, bool], Bound] = {}
        self.breakers = {rung.name: Breaker(monotonic) for rung in rungs if rung.remote}
        self.counts: Counter[tuple[str, str]] = Counter()
        """Attempts by rung and what they came to, for the metrics."""
        self.watch: Callable[[Prompt], None] | None = None
        """Told of every prompt before it is sent."""

    @property
    def first_model(self) -> BaseChatModel:
        return self._rungs[0].model

    async def reply(self, messages: Sequence[AnyMessage], tools: Tools, scope: TurnScope) -> AIMessage:
        question = Question(messages=messages, tools=tools, scope=scope)
        waiting = [Attempt(rung=rung) for rung in self._rungs if self._may_ask(rung, scope)]
        while waiting:
            attempt, waiting = self._timed(waiting[0], waiting[1:], scope), waiting[1:]
            if attempt.seconds is not None and attempt.seconds <= 0:
                continue
            voice = Voice(scope, may_ask=self._may_ask_again(attempt, scope))
            try:
                message = await self._speak(attempt, question, voice)
                return message if voice.withheld is None else await self._correct(attempt, question, voice, message)
            except ModelFault as fault:
                if voice.said:
                    self._failed(attempt.rung, fault, scope)
                    scope.say(BROKEN_OFF)
                    return AIMessage(content=f"{voice.said}{BROKEN_OFF}")
                waiting = self._replan(attempt, fault, waiting, question)
        scope.say(DOWN)
        return AIMessage(content=DOWN)

    async def _correct(self, attempt: Attempt, question: Question, voice: Voice, message: AIMessage) -> AIMessage:
        """The rest of a reply that was stopped at a sentence nothing backs, asked for once. Calls go first: after them
        the model speaks anyway. When no answer comes, what the evidence supports is said instead."""
        if message.tool_calls:
            return message
        again = self._timed(replace(attempt, pause=0.0, again=True), (), question.scope)
        rest = Voice(question.scope, after=voice)
        if again.seconds is None or again.seconds > 0:
            messages = [*question.messages, *voice.correction()]
            try:
                message = await self._speak(again, replace(question, messages=messages), rest)
            except ModelFault as fault:
                self._failed(attempt.rung, fault, question.scope)
        if not rest.said and not message.tool_calls:
            voice.settle()
        return message.model_copy(update={"content": f"{voice.said}{rest.said}"})

    async def _speak(self, attempt: Attempt, question: Question, voice: Voice) -> AIMessage:
        """One request. Every whole sentence passes the claims check before anybody reads it. Raises ModelFault."""
        rung, scope = attempt.rung, question.scope
        if attempt.pause:
            await self._sleep(attempt.pause)
        scope.usage.calls += 1
        scope.usage.remote_calls += rung.remote
        chunks: list[AIMessageChunk] = []
        stream = self._stream(attempt, question)
        try:
            async with asyncio.timeout(attempt.seconds) as limit, aclosing(stream):
                async for chunk in stream:
                    chunks.append(chunk)
                    voice.hear(str(chunk.text))
                    self._extend(limit, attempt.seconds, scope)
        except TimeoutError:
            raise ModelFault("timed_out", "silence") from None
        whole = whole_reply(chunks, remote=rung.remote)
        message = as_message(whole, voice.finish(), scope)
        self._answered(rung, whole, scope)
        return message

    async def _stream(self, attempt: Attempt, question: Question) -> AsyncGenerator[AIMessageChunk, None]:
        (model, options), messages = self._bind(attempt.rung, question), question.messages
        if attempt.rung.remote:
            messages = fold(this_turn(messages) if attempt.alone else messages)
        if self.watch is not None:
            self.watch(Prompt(rung=attempt.rung.name, messages=messages, tools=question.tools))
        try:
            async for chunk in model.astream(messages, **options):
                if isinstance(chunk, AIMessageChunk):
                    yield chunk
        except _FAILURES as error:
            raise read_fault(error) from error

    def _bind(self, rung: Rung, question: Question) -> Bound:
        """Tools are bound once a model: their schemas never change. The last request of a turn must be answered.
        What a binding adds to each call is given to the model itself, for the binding would merge it every time."""
        last = rung.remote and question.scope.usage.remote_calls == MODEL_CALLS
        if (rung.name, last) not in self._bound:
            choice = {"tool_choice": "none"} if last else {}
            bound = rung.model.bind_tools(question.tools, **choice)
            apart = (bound.bound, bound.kwargs) if isinstance(bound, RunnableBinding) else (bound, {})
            self._bound[rung.name, last] = apart
        return self._bound[rung.name, last]

    def _may_ask(self, rung: Rung, scope: TurnScope) -> bool:
        if not rung.remote:
            return True
        return rung.name not in scope.usage.given_up and self.breakers[rung.name].admit(self._turn_seconds)

    def _may_ask_again(self, attempt: Attempt, scope: TurnScope) -> bool:
        """A model in this process would only say the same again."""
        return attempt.rung.remote and scope.usage.remote_calls + 1 < MODEL_CALLS

    def _timed(self, attempt: Attempt, waiting: Sequence[Attempt], scope: TurnScope) -> Attempt:
        """With a fair share of the time that is left, at most half a turn; none where no call is left."""
        if not attempt.rung.remote:
            return attempt
        asked_after = sum(other.rung.remote for other in waiting)
        share = min((self._left(scope) - attempt.pause) / (1 + asked_after), self._turn_seconds / 2)
        return replace(attempt, seconds=share if scope.usage.remote_calls < MODEL_CALLS else 0.0)

    def _left(self, scope: TurnScope) -> float:
        return scope.usage.began + self._turn_seconds * (1 - RESERVE) - self._monotonic()

    def _extend(self, limit: asyncio.Timeout, seconds: float | None, scope: TurnScope) -> None:
        if seconds is not None:
            limit.reschedule(asyncio.get_running_loop().time() + min(seconds, max(self._left(scope), 0.0)))

    def _replan(self, attempt: Attempt, fault: ModelFault, waiting: list[Attempt], question: Question) -> list[Attempt]:
        """Who is asked after a fault: the same rung once more, the next, or the one that cannot fail that way."""
        home = CONDUCT[fault.kind].home
        others = [other for other in waiting if not (home and other.rung.remote)]
        again = repeat(attempt, fault, others)
        if again is not None and not (again.alone and not has_past(question.messages)):
            self._count(attempt.rung, fault)
            return [again, *others]
        self._failed(attempt.rung, fault, question.scope)
        if home:
            question.scope.usage.given_up.update(self.breakers)
        return others

    def _failed(self, rung: Rung, fault: ModelFault, scope: TurnScope) -> None:
        self._count(rung, fault)
        scope.usage.given_up.add(rung.name)
        conduct = CONDUCT[fault.kind]
        if rung.remote:
            rest = conduct.rest if fault.retry_after is None else fault.retry_after
            self.breakers[rung.name].failed(fault.kind, counts=conduct.counts, rest=rest)

    def _count(self, rung: Rung, fault: ModelFault) -> None:
        self.counts[rung.name, fault.kind] += 1
        # the provider's own words may hold a part of a key or of the prompt, so they are not logged
        _log.warning("%s did not answer: %s", rung.name, fault.kind, extra={"rung": rung.name, "fault": fault.kind})

    def _answered(self, rung: Rung, whole: AIMessageChunk, scope: TurnScope) -> None:
        self.counts[rung.name, "answered"] += 1
        if rung.remote:
            self.breakers[rung.name].answered()
        scope.usage.replies += 1
        scope.usage.answered_by.append(rung.name)
        names = (rung.name, str(whole.response_metadata.get("model_name", "")))
        scope.usage.add(whole.usage_metadata, price_of(names, self._prices), self._currency)


def repeat(attempt: Attempt, fault: ModelFault, others: Sequence[Attempt]) -> Attempt | None:
    """The one repeat a fault is worth, if nobody better can be asked at once."""
    how = CONDUCT[fault.kind].again
    if attempt.again or not attempt.rung.remote or how == "no":
        return None
    if how == "alone":
        return Attempt(rung=attempt.rung, alone=True, again=True)
    pause = PAUSE if fault.retry_after is None else fault.retry_after
    if pause > LONGEST_PAUSE or any(other.rung.remote for other in others):
        return None
    return Attempt(rung=attempt.rung, pause=pause, again=True)
