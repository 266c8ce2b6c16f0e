"""Proving a booking: by locator and surname, then by a one-time code to the contact on file.

No oracle: an unknown locator and a wrong surname get the same answer on the same counter. A lock counts attempts of
people who are not signed in; a signed-in owner never meets it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

from tools.context import GRANT_IDLE, Grant, TurnContext
from tools.domain.errors import NotFound
from tools.domain.ids import RecordLocator
from tools.domain.outcomes import Done, IdentityNeeded, Outcome, Refused
from tools.domain.records import Booking, Channel
from tools.ports import Services, Subject, Write
from tools.telling import mask_contact
from tools.tool import Arguments, Call, Provenance, Tool

CODE_LIFETIME = timedelta(minutes=10)
CODE_ATTEMPTS = 5
CODES_AN_HOUR = 3
ATTEMPTS_AN_HOUR = {"locator": 5, "address": 20}
HOUR = timedelta(hours=1)
CONTACT_BAR = timedelta(hours=24)
"""A contact changed less than this ago receives no codes."""

_NO_MATCH = "I could not match that booking reference and surname. Please check both and try again."
_LOCKED = "There were too many attempts. Please try again in an hour, or sign in to your account."
_WRONG_CODE = "That code is not right, or it is no longer valid. Please check it, or ask me for a new one."
_TOO_MANY_CODES = "I have already sent several codes to that contact. Please use the last one, or try again in an hour."
_NO_CONTACT = "There is no contact on this booking that I may send a code to. A colleague can verify you instead."


@dataclass(frozen=True, kw_only=True)
class OneTimeCode:
    """digest is HMAC-SHA256 of salt and code under a key that is not in the database."""

    locator: RecordLocator
    salt: str
    digest: str
    expires_at: datetime
    attempts_left: int


class IdentityStore(Protocol):
    """Durable before it returns; agent/store implements it. Keys are hashed: no locator or address is kept in them."""

    async def count_attempt(self, key: str, *, now: datetime, window: timedelta) -> int:
        """Records one attempt and returns how many the window holds, this one included."""
        ...

    async def add_grant(self, conversation_id: str, grant: Grant) -> None: ...
    async def save_code(self, conversation_id: str, code: OneTimeCode) -> None: ...
    async def spend_attempt(self, conversation_id: str, locator: RecordLocator) -> OneTimeCode | None:
        """Takes one attempt off the code and returns it as it was before; None when there is no code."""
        ...

    async def drop_code(self, conversation_id: str, locator: RecordLocator) -> None: ...


class VerifyBooking(Arguments):
    record_locator: RecordLocator
    surname: str
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "typed", "surname": "typed"}


class SendCode(Arguments):
    record_locator: RecordLocator
    channel: Literal["email", "sms"] | None = None
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "record", "channel": "choice"}


class CheckCode(Arguments):
    record_locator: RecordLocator
    code: str
    provenance: ClassVar[dict[str, Provenance]] = {"record_locator": "record", "code": "typed"}


class StepUp:
    def __init__(self, *, services: Services, store: IdentityStore, key: bytes, new_code: Callable[[], str]) -> None:
        self._services = services
        self._store = store
        self._key = key
        self._new_code = new_code

    async def verify(self, call: Call) -> Outcome:
        arguments: VerifyBooking = call.arguments
        turn, locator = call.turn, RecordLocator(arguments.record_locator.upper())
        if await self._locked(locator, turn):
            return Refused(say=_LOCKED, clauses=())
        try:
            await self._services.booking.find(locator, arguments.surname)
        except NotFound:
            return Refused(say=_NO_MATCH, clauses=())
        await self._grant(turn, locator, "booking")
        return Done(
            say=f"Thank you, I have found booking {locator}.",
            data={"record_locator": locator, "level": "booking"},
        )

    async def send(self, call: Call) -> Outcome:
        arguments: SendCode = call.arguments
        turn, locator = call.turn, arguments.record_locator
        if turn.grant_for(locator) is None:
            return IdentityNeeded(level="booking", say=_ASK_BOOKING, locator=locator)
        booking = await self._services.booking.get(locator, subject=turn.subject_for(locator))
        contact = _contact(booking, arguments.channel, turn.now)
        if contact is None:
            return Refused(say=_NO_CONTACT, clauses=())
        if await self._count("contact", contact[1], turn.now) > CODES_AN_HOUR:
            return Refused(say=_TOO_MANY_CODES, clauses=())
        channel, address = contact
        code = self._new_code()
        await self._store.save_code(turn.conversation_id, self._sealed(locator, code, turn.now))
        write = Write(key=f"{turn.message_id}:send_code:{secrets.token_hex(4)}", subject=Subject("system"))
        await self._services.notification.send_code(address=address, channel=channel, code=code, write=write)
        minutes = int(CODE_LIFETIME.total_seconds() // 60)
        say = (
            f"I have sent a 6-digit code to {mask_contact(address)}. It is valid for {minutes} minutes. "
            "Please type it here."
        )
        return Done(say=say, data={"record_locator": locator, "channel": channel})

    async def check(self, call: Call) -> Outcome:
        arguments: CheckCode = call.arguments
        turn, locator = call.turn, arguments.record_locator
        kept = await self._store.spend_attempt(turn.conversation_id, locator)
        if kept is None or kept.attempts_left <= 0 or kept.expires_at <= turn.now:
            return Refused(say=_WRONG_CODE, clauses=())
        if not hmac.compare_digest(kept.digest, self._digest(kept.salt, arguments.code)):
            return Refused(say=_WRONG_CODE, clauses=())
        await self._store.drop_code(turn.conversation_id, locator)
        await self._grant(turn, locator, "verified")
        return Done(
            say="Thank you, that code is right; you are verified for this booking.",
            data={"record_locator": locator, "level": "verified"},
        )

    async def _grant(self, turn: TurnContext, locator: RecordLocator, level: Literal["booking", "verified"]) -> None:
        grant = Grant(locator=locator, level=level, expires_at=turn.now + GRANT_IDLE)
        await self._store.add_grant(turn.conversation_id, grant)

    async def _locked(self, locator: str, turn: TurnContext) -> bool:
        by_locator = await self._count("locator", locator, turn.now)
        by_address = await self._count("address", turn.speaker.address, turn.now)
        return by_locator > ATTEMPTS_AN_HOUR["locator"] or by_address > ATTEMPTS_AN_HOUR["address"]

    async def _count(self, kind: str, value: str, now: datetime) -> int:
        key = hmac.new(self._key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
        return await self._store.count_attempt(key, now=now, window=HOUR)

    def _sealed(self, locator: RecordLocator, code: str, now: datetime) -> OneTimeCode:
        salt = secrets.token_hex(16)
        return OneTimeCode(
            locator=locator,
            salt=salt,
            digest=self._digest(salt, code),
            expires_at=now + CODE_LIFETIME,
            attempts_left=CODE_ATTEMPTS,
        )

    def _digest(self, salt: str, code: str) -> str:
        return hmac.new(self._key, f"{salt}:{code}".encode(), hashlib.sha256).hexdigest()


def _contact(booking: Booking, wanted: Channel | None, now: datetime) -> tuple[Channel, str] | None:
    """The channel and address on file; None when there is none, or it changed too recently to be trusted."""
    contact = booking.contact
    if contact.changed_at is not None and now - contact.changed_at < CONTACT_BAR:
        return None
    known: dict[Channel, str | None] = {"email": contact.email, "sms": contact.phone}
    order: tuple[Channel, ...] = (wanted, "email", "sms") if wanted else ("email", "sms")
    return next(((channel, address) for channel in order if (address := known.get(channel))), None)


def six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def step_up_tools(step_up: StepUp) -> tuple[Tool, ...]:
    return (
        Tool(
            name="verify_booking",
            description=(
                "Proves that the person holds a booking, by its record locator and a passenger's surname, both as the "
                "person gave them. Use it when a tool answered identity_needed level booking. Not for signed-in "
                "customers. Example: record_locator 'K7XQ2P', surname 'Okonkwo'."
            ),
            arguments=VerifyBooking,
            kind="step_up",
            least="anonymous",
            read=step_up.verify,
        ),
        Tool(
            name="send_code",
            description=(
                "Sends a one-time code to the contact on file of a booking the person has already proved by surname. "
                "Use it when a tool answered identity_needed level verified, then ask for the code. "
                "Example: record_locator 'K7XQ2P'."
            ),
            arguments=SendCode,
            kind="step_up",
            least="anonymous",
            read=step_up.send,
        ),
        Tool(
            name="check_code",
            description=(
                "Checks the one-time code. Codes the person types are checked before you see them and shown as "
                "[code]; you hardly ever need this. Example: record_locator 'K7XQ2P', code '123456'."
            ),
            arguments=CheckCode,
            kind="step_up",
            least="anonymous",
            read=step_up.check,
        ),
    )


_ASK_BOOKING = "Please give me the booking reference and the surname on the booking first."
