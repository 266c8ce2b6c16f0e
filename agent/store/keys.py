"""The keys that lie outside the database: given by a setting, the same on every host, or made once in the home."""

import os
import secrets
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from tools.domain.errors import SettingsError

_BYTES = 32


def identity_key(given: SecretStr | None, home: Path) -> bytes:
    """Hashes one-time codes and the counters of attempts."""
    return _read(given, "CONCIERGE_IDENTITY_KEY")[0] if given is not None else _kept(home / "identity.key")


def audit_keys(given: SecretStr | None, home: Path) -> tuple[Ed25519PrivateKey, ...]:
    """The first signs the audit's roots; those before it still verify what they signed."""
    raw = _read(given, "CONCIERGE_AUDIT_KEY") if given is not None else (_kept(home / "audit.key"),)
    return tuple(Ed25519PrivateKey.from_private_bytes(each) for each in raw)


def _read(given: SecretStr, name: str) -> tuple[bytes, ...]:
    try:
        keys = tuple(bytes.fromhex(word) for word in given.get_secret_value().split())
    except ValueError:
        keys = ()
    if not keys or any(len(key) != _BYTES for key in keys):
        raise SettingsError(f"{name}: {_BYTES} bytes in hexadecimal are expected, such as `openssl rand -hex {_BYTES}`")
    return keys


def _kept(path: Path) -> bytes:
    """Of two processes that make it at the same time, one wins and both read the same."""
    if not path.exists():
        draft = Path(tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")[1])
        draft.write_bytes(secrets.token_bytes(_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
