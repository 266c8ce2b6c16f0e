"""One notice to an affected customer: from an approved template, on a channel they opened, at an hour policy allows.

The link in it carries no authority: whoever opens it starts a conversation and has to prove who they are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.events.affected import SYSTEM
from agent.events.finishing import Done, Later, Outcome, write_of
from agent.store.consent_register import ConsentKey, ConsentRegister
from agent.store.effects import Effect, Effects
from knowledge.decide import Decision
from knowledge.pack import PolicyPack
from knowledge.values import Value
from tools.audit import AuditRecord, hash_arguments
from tools.domain.errors import NotFound
from tools.domain.ids import CustomerId
from tools.domain.records import Channel, Profile
from tools.ports import Services

CHANNELS: tuple[Channel, ...] = ("sms", "whatsapp", "email")
"""The one that is read soonest first."""
LANGUAGES = ("en", "de")
"""In which the templates are approved; the first is for everybody else."""
_STEP = timedelta(minutes=30)
_AHEAD = timedelta(hours=24)
_PURPOSE = "service_notifications"


@dataclass(frozen=True, kw_only=True)
class _Ruling:
    channel: Channel
    decision: Decision


class Notices:
    def __init__(
        self,
        *,
        services: Services,
        pack: PolicyPack,
        register: ConsentRegister,
        effects: Effects,
        clock: Callable[[], datetime],
        public_url: str,
    ) -> None:
        self._services = services
        self._pack = pack
        self._register = register
        self._effects = effects
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def __call__(self, effect: Effect) -> Outcome:
        if await self._overtaken(effect):
            return Done(result={"sent": False, "why": "overtaken"})
        customer = CustomerId(effect.body["customer_id"])  # type: ignore[arg-type]
        try:
            profile = await self._services.profile.get(customer, subject=SYSTEM)
        except NotFound:
            return Done(result={"sent": False, "why": "no such customer"})
        channels = await self._open_channels(profile)
        if not channels:
            return Done(result={"sent": False, "why": "no consent"}, audit=(_audit(effect, "closed"),))
        rulings = self._rule(effect, profile, channels, timedelta())
        allowed = next((ruling for ruling in rulings if ruling.decision.effect == "allow"), None)
        if allowed is None:
            return self._wait_or_give_up(effect, profile, channels, rulings)
        return await self._send(effect, profile, allowed)

    async def _overtaken(self, effect: Effect) -> bool:
        """Something worse has happened since; the notice of that says all."""
        case = await self._effects.get(str(effect.body["case_key"]))
        return case is not None and case.measure > effect.measure and case.body["event"] != effect.body["event"]

    async def _open_channels(self, profile: Profile) -> list[Channel]:
        """Deny by default: a live consent at the service, and no later withdrawal that an event has told us of."""
        consents = await self._services.consent.list_for(profile.customer_id, subject=SYSTEM)
        heard = await self._register.of(profile.customer_id)
        granted: set[Channel] = set()
        for consent in consents:
            if consent.purpose != _PURPOSE or not consent.granted or consent.channel is None:
                continue
            key = ConsentKey(customer_id=profile.customer_id, purpose=_PURPOSE, channel=consent.channel)
            withdrawn = heard[key].withdrawn_at if key in heard else None
            if withdrawn is None or withdrawn < consent.changed_at:
                granted.add(consent.channel)
        return [channel for channel in CHANNELS if channel in granted and _address(profile, channel)]

    def _rule(self, effect: Effect, profile: Profile, channels: list[Channel], later: timedelta) -> list[_Ruling]:
        """What the policy says of each channel at that moment."""
        at = self._clock() + later
        facts = _facts(effect.body, profile, at)
        return [
            _Ruling(
                channel=channel,
                decision=self._pack.decide("send_notification", {**facts, "notice.channel": channel}, now=at),
            )
            for channel in channels
        ]

    def _wait_or_give_up(
        self, effect: Effect, profile: Profile, channels: list[Channel], rulings: list[_Ruling]
    ) -> Outcome:
        """Quiet hours end. The policy itself says when, by being asked about the hours to come."""
        for later in _moments(self._until_departure(effect)):
            if any(r.decision.effect == "allow" for r in self._rule(effect, profile, channels, later)):
                return Later(until=self._clock() + later)
        refused = rulings[0].decision
        clauses = [clause.clause_id for clause in refused.clauses]
        result = {"sent": False, "why": f"policy: {refused.reason}", "clauses": clauses}
        return Done(result=result, audit=(_audit(effect, refused.effect, refused),))

    def _until_departure(self, effect: Effect) -> timedelta:
        departs = effect.body.get("departs_at")
        left = datetime.fromisoformat(str(departs)) - self._clock() if departs else _AHEAD
        return min(left, _AHEAD)

    async def _send(self, effect: Effect, profile: Profile, ruling: _Ruling) -> Outcome:
        language = profile.language.split("-")[0].lower()
        language = language if language in LANGUAGES else LANGUAGES[0]
        template = f"{str(effect.body['event']).replace('.', '_')}_{language}"
        receipt = await self._services.notification.send(
            customer=profile.customer_id,
            template=template,
            channel=ruling.channel,
            parameters=_parameters(effect.body, profile, self._public_url),
            write=write_of(effect),
        )
        result = {
            "sent": True,
            "notification_id": receipt.notification_id,
            "template": template,
            "channel": ruling.channel,
            "clauses": [clause.clause_id for clause in ruling.decision.clauses],
        }
        return Done(result=result, audit=(_audit(effect, "sent", ruling.decision),))


def _facts(body: Mapping[str, object], profile: Profile, at: datetime) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "notice.purpose": "service",
        "notice.approved": True,
        "consent.purpose": _PURPOSE,
        "consent.granted": True,
    }
    if zone := _zone(profile.time_zone):
        there = at.astimezone(zone)
        facts["notice.local_time"] = timedelta(hours=there.hour, minutes=there.minute, seconds=there.second)
    if departs := body.get("departs_at"):
        departure = datetime.fromisoformat(str(departs))
        facts |= {"flight.departure": departure, "flight.time_to_departure": departure - at}
    return facts


def _zone(name: str) -> ZoneInfo | None:
    """Where the hour is not known, the policy cannot allow what depends on it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _parameters(body: Mapping[str, Any], profile: Profile, public_url: str) -> dict[str, str]:
    """Exactly what the template of each event takes."""
    link = {"link": f"{public_url}/?case={body['case_id']}"}
    if body["event"] == "baggage.mishandled":
        return {"record_locator": body["record_locator"], **link}
    flight = {"flight_number": body["flight_number"], "flight_date": body["flight_date"]}
    if body["event"] == "flight.cancelled":
        return {**flight, **link}
    departs = datetime.fromisoformat(body["new_departure"]).astimezone(_zone(profile.time_zone) or UTC)
    return {**flight, "departure": f"{departs:%H:%M}", **link}


def _address(profile: Profile, channel: Channel) -> str | None:
    return profile.email if channel == "email" else profile.phone


def _moments(within: timedelta) -> Iterator[timedelta]:
    later = _STEP
    while later <= within:
        yield later
        later += _STEP


def _audit(effect: Effect, outcome: str, decision: Decision | None = None) -> AuditRecord:
    return AuditRecord(
        kind="event",
        tool="send_notification",
        outcome=outcome,
        arguments_hash=hash_arguments({"effect": effect.key, "revision": effect.revision}),
        clauses=decision.clauses if decision else (),
        facts={name: str(value) for name, value in decision.facts_used.items()} if decision else {},
        trace=decision.trace if decision else (),
    )
