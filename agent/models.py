"""Which model answers. `embedded | azure:<deployment> | openai:<model>`; a rung that fails gives way to the next."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from agent.settings import Settings
from tools.domain.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Rung:
    name: str
    model: BaseChatModel


def build_ladder(settings: Settings, embedded: Callable[[], BaseChatModel]) -> tuple[Rung, ...]:
    """Primary, second, embedded: the last needs neither key nor network."""
    named = [name for name in (settings.model, settings.second_model) if name and name != "embedded"]
    rungs = [Rung(name=name, model=_remote(name, settings)) for name in named]
    return (*rungs, Rung(name="embedded", model=embedded()))


def _remote(name: str, settings: Settings) -> BaseChatModel:
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return _openai(model, settings)
    if provider == "azure" and model:
        return _azure(model, settings)
    raise SettingsError(f"CONCIERGE_MODEL: {name!r} is none of embedded, azure:<deployment>, openai:<model>")


def _openai(model: str, settings: Settings) -> BaseChatModel:
    from langchain_openai import ChatOpenAI  # noqa: PLC0415 slow to import, and only a remote model needs it

    if settings.openai_api_key is None:
        raise SettingsError("OPENAI_API_KEY: CONCIERGE_MODEL names an OpenAI model and no key is set")
    return ChatOpenAI(
        model=model,
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        timeout=settings.turn_seconds,
        max_retries=1,
        streaming=True,
        stream_usage=True,
    )


def _azure(deployment: str, settings: Settings) -> BaseChatModel:
    from langchain_openai import AzureChatOpenAI  # noqa: PLC0415 slow to import, and only a remote model needs it

    if settings.azure_endpoint is None:
        raise SettingsError("AZURE_OPENAI_ENDPOINT: CONCIERGE_MODEL names an Azure deployment and no endpoint is set")
    return AzureChatOpenAI(
        azure_deployment=deployment,
        azure_endpoint=settings.azure_endpoint,
        api_version=settings.azure_api_version,
        api_key=settings.azure_api_key,
        azure_ad_async_token_provider=_managed_identity() if settings.azure_api_key is None else None,
        timeout=settings.turn_seconds,
        max_retries=1,
        streaming=True,
    )


def _managed_identity() -> Callable[[], Awaitable[str]]:
    from azure.identity.aio import (  # noqa: PLC0415 only a deployment without a key needs it
        DefaultAzureCredential,
        get_bearer_token_provider,
    )

    return get_bearer_token_provider(DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default")


def model_names(rungs: Sequence[Rung]) -> tuple[str, ...]:
    return tuple(rung.name for rung in rungs)
