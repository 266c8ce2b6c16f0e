"""From verified claims to the person who speaks. Pure: signature, issuer, audience and times were checked before."""

from collections.abc import Mapping
from typing import Any, get_args

from api.auth.errors import SignInRefused
from tools.context import Role, Speaker
from tools.domain.ids import CustomerId

CUSTOMER_CLAIM = "customer_id"
"""A custom claim of the access token: the customer number of the Customer Management Platform."""
_ROLE_PREFIX = "Concierge."
_ROLES: Mapping[str, Role] = {f"{_ROLE_PREFIX}{role.capitalize()}": role for role in get_args(Role)}
_ID_TOKEN_CLAIMS = frozenset({"nonce", "at_hash", "c_hash"})
_CLIENT_CLAIMS = ("cid", "azp", "client_id", "appid")


def require_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """An ID token proves a sign-in to some client and opens nothing here.

    RFC 9068 marks access tokens by `typ: at+jwt`; Okta and Entra ID leave that out but name scopes and a client, which
    their ID tokens do not.
    """
    kind = str(header.get("typ", "JWT")).lower().removeprefix("application/")
    scoped = bool(claims.get("scp") or claims.get("scope")) and any(claims.get(name) for name in _CLIENT_CLAIMS)
    if _ID_TOKEN_CLAIMS & claims.keys() or kind not in {"jwt", "at+jwt"} or not (kind == "at+jwt" or scoped):
        raise SignInRefused("This is not an access token.")


def customer_speaker(claims: Mapping[str, Any]) -> Speaker:
    """Roles in a customer's token count for nothing."""
    customer = claims.get(CUSTOMER_CLAIM)
    if not isinstance(customer, str) or not customer:
        raise SignInRefused(f"The access token names no customer (claim '{CUSTOMER_CLAIM}').")
    return Speaker(
        kind="customer", subject=str(claims["sub"]), customer_id=CustomerId(customer), name=str(claims.get("name", ""))
    )


def staff_speaker(claims: Mapping[str, Any]) -> Speaker:
    """Entra ID: `oid` is the person; app roles decide what they may do."""
    person = claims.get("oid")
    if not isinstance(person, str) or not person or claims.get("idtyp") == "app":
        raise SignInRefused("The access token names no member of staff.")
    granted = claims.get("roles")
    assigned = granted if isinstance(granted, list) else []
    roles = frozenset(_ROLES[role] for role in assigned if isinstance(role, str) and role in _ROLES)
    if not roles:
        raise SignInRefused("You are signed in, but no Concierge role is assigned to you.")
    return Speaker(kind="staff", subject=person, roles=roles, name=str(claims.get("name", "")))
