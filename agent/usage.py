"""What a turn cost: model calls, tokens, the time to its first sentence, and a price estimated from the settings."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from langchain_core.messages.ai import UsageMetadata

from agent.answers import Usage
from agent.settings import Price

MILLION = 1_000_000


@dataclass
class Tally:
    """Counts up while a turn is at work."""

    began: float = field(default_factory=time.monotonic)
    calls: int = 0
    """Requests to any model, failed ones too."""
    remote_calls: int = 0
    replies: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    price: float | None = None
    """In millionths of the currency; None while no model with a known price has answered."""
    currency: str = ""
    first_sentence: float | None = None
    """Seconds from the turn's begin."""
    given_up: set[str] = field(default_factory=set)
    """Rungs that failed in this turn and are not asked again in it."""
    answered_by: list[str] = field(default_factory=list)

    def spoke(self) -> None:
        if self.first_sentence is None:
            self.first_sentence = time.monotonic() - self.began

    def add(self, used: UsageMetadata | None, price: Price | None, currency: str) -> None:
        if used is None:
            return
        cached = used.get("input_token_details", {}).get("cache_read", 0)
        self.prompt_tokens += used["input_tokens"]
        self.cached_tokens += cached
        self.completion_tokens += used["output_tokens"]
        if price is not None:
            fresh = used["input_tokens"] - cached
            spent = fresh * price.prompt + cached * price.cached + used["output_tokens"] * price.completion
            self.price = (self.price or 0.0) + spent
            self.currency = currency

    def usage(self) -> Usage:
        return Usage(
            model_calls=self.calls,
            prompt_tokens=self.prompt_tokens,
            cached_tokens=self.cached_tokens,
            completion_tokens=self.completion_tokens,
            first_sentence_ms=None if self.first_sentence is None else round(self.first_sentence * 1000),
            price_micros=None if self.price is None else round(self.price),
            currency=self.currency or None,
        )


def price_of(names: Iterable[str], prices: Mapping[str, Price]) -> Price | None:
    """The price by the first name that has one; a dated model (gpt-x-2026-01-01) has that of the longest name in it."""
    for name in names:
        plain = name.partition(":")[2] or name
        known = [key for key in prices if plain == key or plain.startswith(f"{key}-20")]
        if name in prices or known:
            return prices.get(name) or prices[max(known, key=len)]
    return None


def total(usages: Iterable[Usage]) -> Usage:
    """A conversation's usage. Its time to the first sentence is that of its slowest turn."""
    each = list(usages)
    prices = [usage.price_micros for usage in each if usage.price_micros is not None]
    waits = [usage.first_sentence_ms for usage in each if usage.first_sentence_ms is not None]
    return Usage(
        model_calls=sum(usage.model_calls for usage in each),
        prompt_tokens=sum(usage.prompt_tokens for usage in each),
        cached_tokens=sum(usage.cached_tokens for usage in each),
        completion_tokens=sum(usage.completion_tokens for usage in each),
        first_sentence_ms=max(waits, default=None),
        price_micros=sum(prices) if prices else None,
        currency=next((usage.currency for usage in each if usage.currency), None),
    )


def attributes_of(usage: Usage) -> Mapping[str, float]:
    """For the span of a turn, and so for the metrics. Tokens of each model stand on the spans of its calls."""
    told = {
        "concierge.model_calls": usage.model_calls,
        "concierge.cached_tokens": usage.cached_tokens,
        "concierge.price_micros": usage.price_micros,
        "concierge.first_sentence_ms": usage.first_sentence_ms,
    }
    return {name: value for name, value in told.items() if value is not None}
