"""What the airline's services are told because of consents and merges from elsewhere. Nothing of it is published."""

from collections.abc import Mapping
from typing import Any

from agent.events.consents import UNHEARD, ConsentState, joined
from agent.events.finishing import SYSTEM, Done, Outcome, write_of
from agent.store.consent_register import ConsentKey, ConsentRegister
from agent.store.effects import Effect
from tools.domain.errors import NotFound
from tools.domain.ids import CustomerId
from tools.domain.records import Case, Consent
from tools.ports import Services


class ConsentPushes:
    """kind consent: makes the consent service agree with what events said later than it knows."""

    def __init__(self, *, services: Services, register: ConsentRegister) -> None:
        self._services = services
        self._register = register

    async def __call__(self, effect: Effect) -> Outcome:
        body: Mapping[str, Any] = effect.body
        customer = CustomerId(body["customer_id"])
        key = ConsentKey(customer_id=customer, purpose=body["purpose"], channel=body["channel"] or "")
        heard = (await self._register.of(customer)).get(key, UNHEARD)
        try:
            there = _named(await self._services.consent.list_for(customer, subject=SYSTEM), key)
        except NotFound:
            return Done(result={"set": False, "why": "no such customer"})
        wanted = joined(heard, _state(there)).granted
        if wanted == (there is not None and there.granted):
            return Done(result={"set": False, "why": "already so"})
        await self._services.consent.set(
            customer,
            body["purpose"],
            body["channel"],
            wanted,
            write=write_of(effect, f"r{effect.revision}", if_match=there.version if there else None),
        )
        return Done(result={"set": True, "granted": wanted})


class Merges:
    """kind merge: consents and cases of the merged customer follow the surviving one."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, effect: Effect) -> Outcome:
        merged, surviving = (CustomerId(str(effect.body[name])) for name in ("merged_id", "surviving_id"))
        consents = await self._consents(effect, merged, surviving)
        cases = await self._cases(effect, merged, surviving)
        return Done(result={"consents": consents, "cases": cases})

    async def _consents(self, effect: Effect, merged: CustomerId, surviving: CustomerId) -> int:
        """Of two records that disagree the stricter stays; what only the merged one said is taken over."""
        try:
            theirs = await self._services.consent.list_for(merged, subject=SYSTEM)
            ours = await self._services.consent.list_for(surviving, subject=SYSTEM)
        except NotFound:
            return 0
        changed = 0
        for consent in theirs:
            key = ConsentKey(customer_id=surviving, purpose=consent.purpose, channel=consent.channel or "")
            kept = _named(ours, key)
            if kept is not None and (not kept.granted or consent.granted):
                continue
            await self._services.consent.set(
                surviving,
                consent.purpose,
                consent.channel,
                consent.granted,
                write=write_of(
                    effect, f"{consent.purpose}:{consent.channel or '-'}", if_match=kept.version if kept else None
                ),
            )
            changed += 1
        return changed

    async def _cases(self, effect: Effect, merged: CustomerId, surviving: CustomerId) -> int:
        try:
            theirs: tuple[Case, ...] = await self._services.cases.list_for(merged, subject=SYSTEM)
        except NotFound:
            return 0
        for case in theirs:
            write = write_of(effect, case.case_id, if_match=case.version)
            await self._services.cases.move(case.case_id, surviving, write=write)
        return len(theirs)


def _named(consents: tuple[Consent, ...], key: ConsentKey) -> Consent | None:
    wanted = (key.purpose, key.channel)
    return next((consent for consent in consents if (consent.purpose, consent.channel or "") == wanted), None)


def _state(consent: Consent | None) -> ConsentState:
    if consent is None:
        return UNHEARD
    if consent.granted:
        return ConsentState(granted_at=consent.changed_at)
    return ConsentState(withdrawn_at=consent.changed_at)
