"""Every setting, from the environment (`CONCIERGE_*`). Read once, by main."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tools.domain.errors import SettingsError


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
    sandbox_size: Literal["demo", "full"] = "full"

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
    """Raises SettingsError with one line that names the setting."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        variable = name if name.isupper() else f"CONCIERGE_{name.upper()}"
        raise SettingsError(f"{variable}: {first['msg']}") from error
