"""Which models may answer: `embedded | azure:<deployment> | openai:<model>`, the first, the second, and the embedded.

Every remote rung gives up early and never repeats by itself: the ladder (agent/ladder.py) knows the turn's deadline and
what was already said, the client does not.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel

from agent.settings import Settings
from tools.domain.errors import SettingsError

if TYPE_CHECKING:
    import httpx2
    from langchain_openai import AzureChatOpenAI, ChatOpenAI

    from agent.transport import AiohttpTransport

Close = Callable[[], Awaitable[None]]
CONNECTIONS = 1000
KEEPALIVE_SECONDS = 60.0
"""An idle connection is kept this long: a new one costs a TLS handshake before the first token."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    name: str
    """As the setting names it: embedded, azure:gpt, openai:gpt."""
    model: BaseChatModel
    remote: bool = False
    """Reached over a network, so it may fail, and must end a reply with a finish reason."""
    close: Close | None = None


def build_ladder(settings: Settings, embedded: Callable[[], BaseChatModel]) -> tuple[Rung, ...]:
    """Primary, second, embedded: the last needs neither key nor network."""
    return (*remote_rungs(settings), Rung(name="embedded", model=embedded()))


def remote_rungs(settings: Settings) -> tuple[Rung, ...]:
    named = [name for name in (settings.model, settings.second_model) if name and name != "embedded"]
    return tuple(_remote(name, settings) for name in dict.fromkeys(named))


async def close_ladder(rungs: tuple[Rung, ...]) -> None:
    for rung in rungs:
        if rung.close is not None:
            await rung.close()


def _remote(name: str, settings: Settings) -> Rung:
    provider, _, model = name.partition(":")
    if provider == "openai" and model:
        return _openai(name, model, settings)
    if provider == "azure" and model:
        return _azure(name, model, settings)
    raise SettingsError(f"CONCIERGE_MODEL: {name!r} is none of embedded, azure:<deployment>, openai:<model>")


@dataclass(frozen=True, kw_only=True)
class _Net:
    """lean: None for the stock client."""

    client: "httpx2.AsyncClient"
    lean: "AiohttpTransport | None"


def _rung(
    name: str,
    model: "ChatOpenAI | AzureChatOpenAI",
    net: _Net,
    *,
    token: Callable[[], Awaitable[str]] | None = None,
    close: Close | None = None,
) -> Rung:
    from agent.wire import Wire  # noqa: PLC0415 imports the SDK, which is slow

    client = model.root_async_client
    if net.lean is not None:
        model.async_client = Wire(client, net.lean, token)

    async def close_all() -> None:
        await client.close()
        if close is not None:
            await close()

    return Rung(name=name, model=model, remote=True, close=close_all)


def _openai(name: str, model: str, settings: Settings) -> Rung:
    from langchain_openai import ChatOpenAI  # noqa: PLC0415 slow to import, and only a remote model needs it

    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    if key is None and settings.openai_base_url is None:
        raise SettingsError("OPENAI_API_KEY: CONCIERGE_MODEL names an OpenAI model and no key is set")
    net = _net(settings)
    chat = ChatOpenAI(
        model=model,
        api_key=key or "none",  # a server of one's own asks for none
        base_url=settings.openai_base_url,
        use_responses_api=False,
        **_manner(settings, net),
    )
    return _rung(name, chat, net)


def _azure(name: str, deployment: str, settings: Settings) -> Rung:
    from langchain_openai import AzureChatOpenAI  # noqa: PLC0415 slow to import, and only a remote model needs it

    if settings.azure_endpoint is None:
        raise SettingsError("AZURE_OPENAI_ENDPOINT: CONCIERGE_MODEL names an Azure deployment and no endpoint is set")
    token, close = (None, None) if settings.azure_api_key else _managed_identity()
    net = _net(settings)
    chat = AzureChatOpenAI(
        azure_deployment=deployment,
        azure_endpoint=settings.azure_endpoint,
        api_version=settings.azure_api_version,
        api_key=settings.azure_api_key,
        azure_ad_async_token_provider=token,
        **_manner(settings, net),
    )
    return _rung(name, chat, net, token=token, close=close)


def _manner(settings: Settings, net: _Net) -> dict[str, Any]:
    return {
        "timeout": settings.turn_seconds,
        "max_retries": 0,
        "streaming": True,
        "stream_usage": True,
        "stream_chunk_timeout": None,
        "http_async_client": net.client,
    }


def _net(settings: Settings) -> _Net:
    import httpx2  # noqa: PLC0415 the SDK's own, as slow to import
    import openai  # noqa: PLC0415

    from agent.transport import AiohttpTransport  # noqa: PLC0415

    if settings.stock_client:
        limits = httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEEPALIVE_SECONDS)
        return _Net(client=openai.DefaultAsyncHttpxClient(limits=limits, timeout=settings.turn_seconds), lean=None)
    lean = AiohttpTransport(keepalive_seconds=KEEPALIVE_SECONDS, connections=CONNECTIONS)
    return _Net(client=openai.DefaultAsyncHttpxClient(transport=lean, timeout=settings.turn_seconds), lean=lean)


def _managed_identity() -> tuple[Callable[[], Awaitable[str]], Close]:
    """Tokens of the machine's own identity in Azure, or of the developer who signed in with its command."""
    from azure.identity.aio import (  # noqa: PLC0415 only a deployment without a key needs it
        DefaultAzureCredential,
        get_bearer_token_provider,
    )

    credential = DefaultAzureCredential()
    return get_bearer_token_provider(credential, "https://cognitiveservices.azure.com/.default"), credential.close
