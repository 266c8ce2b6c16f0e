"""What a turn used is counted, priced by the table in the settings, and summed up over a conversation."""

import pytest
from langchain_core.messages.ai import UsageMetadata

from agent.answers import Usage
from agent.settings import Price, Settings, read_settings
from agent.usage import Tally, attributes_of, price_of, total

GPT = Price(prompt=2.0, cached=0.5, completion=8.0)
MINI = Price(prompt=0.2, cached=0.1, completion=0.8)
PRICES = {"gpt": GPT, "gpt-mini": MINI, "azure:ours": MINI}
USED = UsageMetadata(input_tokens=1200, output_tokens=50, total_tokens=1250, input_token_details={"cache_read": 1000})


@pytest.mark.parametrize(
    ("names", "price"),
    [
        (("openai:gpt", ""), GPT),
        (("openai:gpt-2026-01-01", ""), GPT),
        (("openai:gpt-mini-2026-01-01", ""), MINI),
        (("azure:ours", "gpt"), MINI),
        (("azure:theirs", "gpt-2026-05-01"), GPT),
        (("openai:gptx", "gpty"), None),
    ],
)
def test_a_price_is_found_by_deployment_then_by_model(names: tuple[str, str], price: Price | None) -> None:
    assert price_of(names, PRICES) == price


def test_cached_tokens_cost_their_own_price() -> None:
    tally = Tally()
    tally.add(USED, GPT, "USD")
    usage = tally.usage()
    assert usage.price_micros == 200 * 2 + 1000 * 0.5 + 50 * 8
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (1200, 1000, 50)
    assert usage.currency == "USD"


def test_a_model_without_a_price_leaves_the_price_out() -> None:
    tally = Tally()
    tally.add(USED, None, "USD")
    assert tally.usage().price_micros is None
    assert tally.usage().currency is None


def test_a_server_that_counts_nothing_is_no_failure() -> None:
    tally = Tally()
    tally.add(None, GPT, "USD")
    assert tally.usage() == Usage()


def test_only_the_first_sentence_is_timed() -> None:
    tally = Tally(began=0.0)
    tally.spoke()
    first = tally.first_sentence
    tally.spoke()
    assert tally.first_sentence == first


def test_a_conversation_is_the_sum_of_its_turns() -> None:
    turns = [
        Usage(model_calls=2, prompt_tokens=100, first_sentence_ms=90, price_micros=7, currency="USD"),
        Usage(model_calls=1, prompt_tokens=10, first_sentence_ms=400),
    ]
    assert total(turns) == Usage(
        model_calls=3, prompt_tokens=110, first_sentence_ms=400, price_micros=7, currency="USD"
    )
    assert total([]) == Usage()


def test_a_turns_span_tells_what_is_known_of_its_usage() -> None:
    assert attributes_of(Usage(model_calls=2, prompt_tokens=5, first_sentence_ms=30, price_micros=3)) == {
        "concierge.model_calls": 2,
        "concierge.cached_tokens": 0,
        "concierge.price_micros": 3,
        "concierge.first_sentence_ms": 30,
    }
    assert attributes_of(Usage(model_calls=1)) == {"concierge.model_calls": 1, "concierge.cached_tokens": 0}


def test_the_table_of_prices_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_PRICES", '{"azure:ours": {"prompt": 1, "cached": 0.25, "completion": 4}}')
    monkeypatch.setenv("CONCIERGE_PRICE_CURRENCY", "EUR")
    settings = read_settings()
    assert settings.prices == {"azure:ours": Price(prompt=1, cached=0.25, completion=4)}
    assert settings.price_currency == "EUR"
    assert "gpt-4o" in Settings.model_fields["prices"].default
