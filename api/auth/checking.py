"""Whether an issuer can be reached and publishes keys that we can use, for `concierge doctor`."""

import httpx

from api.auth.keys import read_keys


async def check_issuer(client: httpx.AsyncClient, issuer: str) -> str:
    """What is wrong in words, or nothing."""
    try:
        keys = await read_keys(client, issuer)
    except httpx.HTTPStatusError as error:
        return f"its discovery document or its keys are answered with {error.response.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL):
        return "it cannot be reached"
    except (ValueError, KeyError) as error:
        return f"its discovery document is not usable: {error}"
    return "" if keys else "it publishes no key for RS256 or ES256"
