"""Every setting, from the environment (`CONCIERGE_*`). Read once, by main."""

import os
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tools.domain.errors import SettingsError
from tools.domain.hours import ServiceHours

_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?")


class Price(BaseModel):
    """Of a million tokens, in units of the price currency; so of one token in millionths of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: float
    cached: float
    completion: float


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CONCIERGE_", frozen=True, extra="ignore", populate_by_name=True)

    home: Path = Path(".concierge")
    env: Literal["development", "test", "production"] | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    database_url: str | None = None
    chroma_url: str | None = None
    policies: Path | None = None
    model: str = "embedded"
    second_model: str | None = None
    turn_seconds: float = Field(default=20.0, gt=0)
    stock_client: bool = False
    """Use the unmodified OpenAI client instead of the lean streaming adapter."""
    stock_agent: bool = False
    """Run turns in LangChain's create_agent instead of the lean loop."""
    prices: dict[str, Price] = Field(
        default={
            "gpt-4o": Price(prompt=2.5, cached=1.25, completion=10.0),
            "gpt-4o-mini": Price(prompt=0.15, cached=0.075, completion=0.6),
            "gpt-4.1": Price(prompt=2.0, cached=0.5, completion=8.0),
            "gpt-4.1-mini": Price(prompt=0.4, cached=0.1, completion=1.6),
        }
    )
    """List prices by model or by deployment (`azure:mine`), as JSON; an estimate, the invoice decides."""
    price_currency: str = "USD"
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    azure_endpoint: str | None = Field(default=None, validation_alias="AZURE_OPENAI_ENDPOINT")
    azure_api_key: SecretStr | None = Field(default=None, validation_alias="AZURE_OPENAI_API_KEY")
    azure_api_version: str = Field(default="2024-10-21", validation_alias="AZURE_OPENAI_API_VERSION")
    okta_issuer: str | None = None
    okta_audience: str | None = None
    entra_tenant: str | None = None
    entra_audience: str | None = None
    booking_url: str | None = None
    profile_url: str | None = None
    consent_url: str | None = None
    notification_url: str | None = None
    case_url: str | None = None
    compensation_url: str | None = None
    payment_url: str | None = None
    service_hours: str = "06:00-22:00 Europe/Vienna"
    """When the contact centre answers, every day, and on whose clocks."""
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Whose pages may hold the chat in a frame: origins, separated by spaces or commas."""
    services_token_url: str | None = None
    """Where this client gets its token for the services: OAuth 2.0 client credentials."""
    services_client_id: str = ""
    services_client_secret: SecretStr = SecretStr("")
    services_scope: str = ""
    okta_client_id: str | None = None
    """The chat page as a client of Okta: authorization code with PKCE, no secret."""
    okta_scope: str = "openid profile concierge"
    """What the chat page asks for: `openid`, and a scope of ours at the authorization server."""
    entra_client_id: str | None = None
    """The desk page as a client of Entra ID."""
    entra_scope: str | None = None
    """What the desk page asks for; else `openid profile` and all that the app of CONCIERGE_ENTRA_AUDIENCE offers."""
    entra_authority: str = "https://login.microsoftonline.com"
    """Of a national cloud, such as https://login.microsoftonline.us."""
    identity_key: SecretStr | None = None
    """32 random bytes in hexadecimal, the same for all hosts; else a file of the home."""
    audit_key: SecretStr | None = None
    """Likewise, for signing the audit's roots (Ed25519 private keys): the first signs, those before it still verify."""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks of gateways whose X-Forwarded-For is believed, separated by spaces or commas."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Whose pages may call the API from a browser (CORS)."""
    rate_person: int = Field(default=120, ge=1)
    rate_address: int = Field(default=1200, ge=1)
    rate_conversation: int = Field(default=30, ge=1)
    """Requests a minute; of a conversation, its messages. Many people may share an address."""
    concurrency: int = Field(default=500, ge=1)
    """Requests at once in one process; one more is asked to come back."""
    retention_days: int = Field(default=400, ge=1)
    """How long a conversation is kept after its last word."""
    otlp_endpoint: str | None = None
    """Base URL of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318."""
    otlp_headers: SecretStr | None = None
    """`name=value` pairs, separated by commas, for a collector that asks for a key."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    sandbox_size: Literal["demo", "full"] = "full"
    eventhub_namespace: str | None = None
    """`name.servicebus.windows.net`, reached with the identity the process runs as."""
    eventhub_connection: SecretStr | None = None
    """A connection string, instead of an identity."""
    eventhub_name: str = "concierge"
    eventhub_group: str = "$Default"
    eventhub_endpoint: str | None = None
    """`sb://host:port`, when the namespace is reached through another address."""
    eventhub_ca: Path | None = None
    event_source: str = "/concierge"
    """Whose events ours are; what comes back under this name is ignored."""
    consent_event_source: str = "/gamma/consent"
    """The consent service's own name: what it says need not be told to it."""
    event_loops: bool | None = None
    """Whether this process relays, consumes and does the effects of events; `serve` does unless told otherwise."""
    public_url: str | None = None
    """Where customers reach the chat, for links in notices."""

    @field_validator("service_hours")
    @classmethod
    def _check_hours(cls, written: str) -> str:
        ServiceHours.read(written)
        return written

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, given: object) -> object:
        return tuple(given.replace(",", " ").split()) if isinstance(given, str) else given

    @field_validator("embed_origins", "allowed_origins", mode="before")
    @classmethod
    def _read_origins(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        origins = tuple(given.replace(",", " ").split())
        if wrong := next((origin for origin in origins if not _ORIGIN.fullmatch(origin)), None):
            raise ValueError(
                f"'{wrong}' is not an origin such as https://www.gamma.example (http on this machine only)"
            )
        return origins

    def binding_urls(self) -> dict[str, str]:
        """The services that are not the sandbox, by name."""
        named = {
            "booking": self.booking_url,
            "profile": self.profile_url,
            "consent": self.consent_url,
            "notification": self.notification_url,
            "case": self.case_url,
            "compensation": self.compensation_url,
            "payment": self.payment_url,
        }
        return {name: url for name, url in named.items() if url}


def read_settings() -> Settings:
    """From the environment, or from files named like the variables in the folder CONCIERGE_SECRETS.

    Raises SettingsError with one line that names the setting.
    """
    folder = os.environ.get("CONCIERGE_SECRETS")
    if folder and not Path(folder).is_dir():
        raise SettingsError(f"CONCIERGE_SECRETS: there is no folder {folder}")
    try:
        return Settings(_secrets_dir=folder)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        variable = name if name.isupper() else f"CONCIERGE_{name.upper()}"
        raise SettingsError(f"{variable}: {first['msg']}") from error
