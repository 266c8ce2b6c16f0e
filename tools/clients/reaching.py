"""Whether anybody answers at an address: asked once, without retry, for `concierge doctor`."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Reached:
    """status: of the answer; None when none came, and then `trouble` says in words why."""

    status: int | None = None
    trouble: str = ""


async def reach(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
) -> Reached:
    """Raises what `auth` raises when it gets no token."""
    async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False, auth=auth) as http:
        try:
            answer = await http.request(method, url, headers=headers)
        except httpx.TimeoutException:
            return Reached(trouble=f"no answer came within {_SECONDS:.0f} seconds")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Reached(trouble=_words(error))
    return Reached(status=answer.status_code)


def _words(error: Exception) -> str:
    causes = [error, error.__cause__, error.__context__]
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "CERTIFICATE" in str(error).upper():
        return "its certificate is not trusted here"
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "this is not an http address"
    return "nobody answers there"
