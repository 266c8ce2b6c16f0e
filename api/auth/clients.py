"""Our pages as clients of the identity providers: authorization code with PKCE (RFC 7636), no secret."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.domain.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class PageClient:
    """What one page needs to know to send its person to sign in."""

    issuer: str
    client_id: str
    scope: str

    @property
    def origin(self) -> str:
        """Where discovery and the token endpoint answer: the one foreign address the page may call."""
        address = urlsplit(self.issuer)
        return f"{address.scheme}://{address.netloc}"


@dataclass(frozen=True, kw_only=True)
class PageClients:
    """None: the page offers no sign-in of its own."""

    customers: PageClient | None = None
    staff: PageClient | None = None


def page_client(provider: str, *, issuer: str | None, client_id: str | None, scope: str) -> PageClient | None:
    """Raises SettingsError for a client of an issuer that is not configured."""
    if client_id is None:
        return None
    if issuer is None:
        raise SettingsError(f"CONCIERGE_{provider}_CLIENT_ID is set, but there is no issuer to sign in at.")
    return PageClient(issuer=issuer, client_id=client_id, scope=scope)
