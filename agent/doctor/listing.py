"""Every setting by its variable: what it is set to, and by whom. Secrets are not shown."""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from agent.doctor.finding import Finding, doubtful
from agent.settings import Settings

_PREFIX = "CONCIERGE_"
_OTHERS = frozenset({"CONCIERGE_SECRETS", "CONCIERGE_CHECK_TOKEN", "CONCIERGE_YARDSTICK"})
"""Read by something else than Settings."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    name: str
    value: str
    source: Literal["default", "environment", "file"]


def list_settings(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[Listed]:
    for field, name in _names().items():
        source: Literal["default", "environment", "file"] = "default"
        if field in settings.model_fields_set:
            source = "environment" if name in {variable.upper() for variable in environment} else "file"
        yield Listed(name=name, value=_shown(getattr(settings, field)), source=source)


def misspelt(environment: Mapping[str, str] = os.environ, folder: Path | None = None) -> Iterator[Finding]:
    """Variables, and files of the secrets' folder, that look like settings and are none."""
    known = {*_names().values(), *_OTHERS}
    files = {path.name.upper() for path in folder.iterdir()} if folder and folder.is_dir() else set()
    for name in sorted({*(variable.upper() for variable in environment), *files}):
        if name.startswith(_PREFIX) and name not in known:
            [nearest] = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            yield doubtful("settings", f"{name} is no setting, so it does nothing.", f"Unset it; is it {nearest}?")


def _names() -> Mapping[str, str]:
    """Field -> variable."""
    fields = Settings.model_fields.items()
    return {name: str(field.validation_alias or f"{_PREFIX}{name.upper()}") for name, field in fields}


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set, not shown)" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(sorted(value))
    return "" if value is None else without_password(str(value))


def without_password(text: str) -> str:
    """An address may hold a password."""
    if "://" not in text or "@" not in text:
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:***@{host}", query="").geturl()
