"""Consents and merges reach the airline's services; a call reaches the agent's screen."""

from datetime import timedelta

from fastapi import FastAPI

from agent.events.build import Events
from agent.store.outbox_rows import OutboxRows
from tests.agent.events.conftest import MakeEvent
from tests.conftest import Clock
from tools.domain.ids import CaseId, CustomerId
from tools.domain.records import Consent
from tools.ports import Services, Subject, Write
from tools.sandbox.crowd import airline_of
from tools.sandbox.people import INGRID, PAUL, TOM

SYSTEM = Subject("system")


async def consents_of(services: Services, customer: CustomerId) -> dict[tuple[str, str | None], bool]:
    found: tuple[Consent, ...] = await services.consent.list_for(customer, subject=SYSTEM)
    return {(consent.purpose, consent.channel): consent.granted for consent in found}


async def test_a_consent_from_elsewhere_reaches_the_consent_service_and_is_not_published(
    events: Events, services: Services, make_event: MakeEvent
) -> None:
    said = {"customer_id": TOM.customer_id, "purpose": "marketing", "channel": "email", "granted": False}
    await events.on_event(make_event("consent.changed", said, source="/mail/unsubscribe"))
    await events.settle()
    assert (await consents_of(services, TOM.customer_id))["marketing", "email"] is False
    assert (await OutboxRows(events.database).backlog()).waiting == 0


async def test_an_older_grant_does_not_undo_what_the_service_knows(
    events: Events, services: Services, make_event: MakeEvent, clock: Clock
) -> None:
    said = {"customer_id": PAUL.customer_id, "purpose": "marketing", "channel": "email", "granted": True}
    await events.on_event(make_event("consent.changed", said, source="/web", at=clock() - timedelta(days=300)))
    await events.settle()
    assert (await consents_of(services, PAUL.customer_id))["marketing", "email"] is False


async def test_a_newer_grant_after_a_withdrawal_is_told_again(
    events: Events, services: Services, make_event: MakeEvent, clock: Clock
) -> None:
    said = {"customer_id": TOM.customer_id, "purpose": "marketing", "channel": "email"}
    for granted in (False, True, False, True):
        clock.pass_by(minutes=1)
        await events.on_event(make_event("consent.changed", {**said, "granted": granted}, source="/web"))
        await events.settle()
        assert (await consents_of(services, TOM.customer_id))["marketing", "email"] is granted


async def test_a_consent_of_nobody_we_know_is_kept_and_harms_nothing(events: Events, make_event: MakeEvent) -> None:
    said = {"customer_id": "C777777", "purpose": "personalisation", "granted": False}
    await events.on_event(make_event("consent.changed", said, source="/web"))
    await events.settle()
    status = await events.status()
    assert (status.effects.settled, status.dead_letters) == (1, {})


async def test_a_merge_moves_cases_and_keeps_the_stricter_consent(
    events: Events, services: Services, make_event: MakeEvent
) -> None:
    await events.on_event(
        make_event("profile.merged", {"surviving_id": INGRID.customer_id, "merged_id": PAUL.customer_id})
    )
    await services.cases.open(
        kind="refund",
        severity="normal",
        summary="",
        packet={},
        customer=PAUL.customer_id,
        locator=None,
        conversation_id=None,
        write=Write(key="open", subject=SYSTEM),
    )
    for _ in range(2):
        await events.settle()
    cases = await services.cases.list_for(INGRID.customer_id, subject=SYSTEM)
    assert len(cases) == 2
    merged = await consents_of(services, INGRID.customer_id)
    assert merged["marketing", "email"] is False
    assert merged["service_notifications", "sms"] is False


async def test_a_call_pops_masked_and_unverified_on_the_assigned_agents_screen(
    events: Events, services: Services, make_event: MakeEvent, sandbox: FastAPI
) -> None:
    caller = await services.profile.get(INGRID.customer_id, subject=SYSTEM)
    call = {"call_id": "call-7", "phone": caller.phone, "agent": "agent-anna"}
    for _ in range(2):
        await events.on_event(make_event("ivr.call_started", call, source="/gamma/ivr"))
        await events.settle()
    (pop,) = await events.pops.after(0, agent="agent-anna")
    assert pop.customer_id == INGRID.customer_id
    assert pop.body == {
        "call_id": "call-7",
        "verified": False,
        "caller": f"••• {(caller.phone or '')[-2:]}",
        "matches": 1,
        "customer": "I••• S•••",
        "language": "en",
        "cases": [CaseId("CS00000001")],
    }
    assert await events.pops.after(pop.id, agent="agent-anna") == ()
    assert await events.pops.after(0, agent="agent-ben") == ()


async def test_a_number_nobody_has_pops_without_a_name(events: Events, make_event: MakeEvent) -> None:
    call = {"call_id": "call-8", "caller_id": "+43 1 000000", "agent": "agent-anna"}
    await events.on_event(make_event("ivr.call_started", call, source="/gamma/ivr"))
    await events.settle()
    (pop,) = await events.pops.after(0, agent="agent-anna")
    assert (pop.customer_id, pop.body["customer"], pop.body["matches"]) == (None, None, 0)


async def test_what_is_sent_through_the_outbox_is_handled_in_process(
    events: Events, sandbox: FastAPI, services: Services
) -> None:
    said = {"customer_id": TOM.customer_id, "purpose": "marketing", "channel": "email", "granted": False}
    await events.send(type="consent.changed", key=TOM.customer_id, data=said, source="/web", event_id="w1")
    await events.send(type="consent.changed", key=TOM.customer_id, data=said, source="/web", event_id="w1")
    await events.settle()
    assert events.metrics.counts["handled:consent.changed"] == 1
    assert (await consents_of(services, TOM.customer_id))["marketing", "email"] is False
    assert airline_of(sandbox) is not None
