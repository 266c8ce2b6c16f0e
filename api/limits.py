"""How much anybody may ask at once and in a minute, and who 'anybody' is behind a gateway."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from fastapi import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.rates import Rates, retry_after
from agent.settings import Settings
from api.problems import problem, respond
from tools.context import Speaker

Network = IPv4Network | IPv6Network
_LARGEST_HEADERS = 16 * 1024
_BODY_SECONDS = 15.0
_ANSWER_SECONDS = 120.0
"""The longest turn and its wait for the one before it are far shorter; a stream that has begun may go on."""
_NO_LIMIT = 1_000_000
_TOO_OFTEN = "You are asking faster than we can answer. Please try again in {} s."


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Requests a minute, and at once in this process."""

    person: int = 120
    address: int = 1200
    conversation: int = 30
    concurrency: int = 500
    trusted: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: Settings, *, demonstration: bool = False) -> "Limits":
        """demonstration: demo people on the loopback, and load tests, are held back only by limits somebody has set."""
        chosen = {
            name: _NO_LIMIT if demonstration and f"rate_{name}" not in settings.model_fields_set else limit
            for name, limit in (
                ("person", settings.rate_person),
                ("address", settings.rate_address),
                ("conversation", settings.rate_conversation),
            )
        }
        return cls(
            **chosen,
            concurrency=settings.concurrency,
            trusted=settings.trusted_proxies,
        )

    async def check_address(self, rates: Rates, address: str) -> None:
        """Before anything is read of the request: invented tokens and secrets count too."""
        await _take(rates, {_key("address", _prefix(address)): self.address})

    async def check_speaker(self, rates: Rates, speaker: Speaker, conversation_id: str | None) -> None:
        """conversation_id: the one that is spoken in, if this is a message."""
        wanted = {_key("person", f"{speaker.kind}:{speaker.subject}"): self.person} if speaker.subject else {}
        if conversation_id is not None:
            wanted[_key("conversation", conversation_id)] = self.conversation
        if wanted:
            await _take(rates, wanted)


def address_of(connection: HTTPConnection) -> str:
    """The client's address; what a header says counts only as far as trusted gateways wrote it."""
    limits: Limits = connection.app.state.limits
    peer = connection.client.host if connection.client else ""
    forwarded = [part for line in connection.headers.getlist("x-forwarded-for") for part in line.split(",")]
    return client_address(peer, forwarded, limits.trusted)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """From the right, each address was written by the one after it: the first that is not ours is the client."""
    address = peer
    for written in reversed(forwarded):
        if not _within(address, trusted):
            break
        found = _parse(written)
        if found is None:
            break
        address = str(found)
    return address


class Gate:
    """So many requests at once; a body within its time; an answer within its time."""

    def __init__(self, app: ASGIApp, concurrency: int) -> None:
        self._app = app
        self._free = asyncio.Semaphore(concurrency)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEADERS:
            await respond(problem("headers-too-large", 431, "The headers of this request are too large."))(
                scope, receive, send
            )
            return
        if self._free.locked():
            busy = problem("busy", 503, "Too many people are asking at once. Please try again in a moment.")
            await respond(busy, {"Retry-After": "1"})(scope, receive, send)
            return
        async with self._free:
            await self._within_time(scope, receive, send)

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS) as limit:

                async def begun(message: Message) -> None:
                    if limit.when() is not None:
                        limit.reschedule(None)
                    await send(message)

                await self._app(scope, _timed(receive), begun)
        except TimeoutError:
            if not limit.expired():
                raise
            late = problem("late", 504, "The answer takes too long. What you sent is kept; please look again soon.")
            await respond(late)(scope, receive, send)


_ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})


def _timed(receive: Receive) -> Receive:
    whole = False

    async def timed() -> Message:
        nonlocal whole
        if whole:
            return await receive()  # from now on only a client that leaves
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            late = "The body of this request did not arrive in time."
            raise HTTPException(408, late, {"Connection": "close"}) from None
        whole = not message.get("more_body", False)
        return message

    return timed


async def _take(rates: Rates, wanted: dict[str, int]) -> None:
    wait = await rates.take(wanted)
    if wait > 0:
        seconds = retry_after(wait)
        raise HTTPException(429, _TOO_OFTEN.format(seconds), {"Retry-After": seconds})


def _key(kind: str, name: str) -> str:
    """Names of people and addresses are not kept."""
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _prefix(address: str) -> str:
    """One person has a whole /64 of IPv6."""
    found = _parse(address)
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address


def _within(address: str, networks: Sequence[Network]) -> bool:
    found = _parse(address)
    return found is not None and any(found in network for network in networks)


def _parse(written: str) -> IPv4Address | IPv6Address | None:
    """Some gateways write a port behind it."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
