"""From settings to event paths: with the hub if there is one, and the embedded airline's operations if there are."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from fastapi import FastAPI

from agent.events.address import HubAddress
from agent.events.affected import Affected
from agent.events.build import EventNames, Events, build_events
from agent.events.cloudevents import CloudEvent
from agent.events.disruptions import Options
from agent.events.relay import Subscriber
from agent.events.schemas import key_of
from agent.resolution.ranking import Ranked, Standing
from agent.resolution.resolving import Matter, Resolver
from agent.settings import Settings
from agent.store.database import Database
from knowledge.pack import PolicyPack
from tools.context import Speaker, TurnContext
from tools.domain.ids import ConversationId, MessageId
from tools.ports import Services

OPERATIONS = "/gamma/operations"
"""The source of what operations control says, also when the embedded airline or a command plays it."""
_MOST_OPTIONS = 5


def wire_events(
    settings: Settings,
    *,
    database: Database,
    services: Services,
    pack: PolicyPack,
    clock: Callable[[], datetime],
    resolver: Resolver,
    sandbox: FastAPI | None,
    on_case: Callable[[str], None],
) -> Events:
    """on_case: told of each case that an event opened or changed, after it is in the case service."""
    events = build_events(
        database=database,
        services=services,
        pack=pack,
        clock=clock,
        names=names_of(settings),
        address=address_of(settings),
        options=ranked_options(resolver, clock),
        subscribers=(_followed_by(sandbox),) if sandbox else (),
        on_case=on_case,
    )
    if sandbox is not None:
        sandbox.state.announce = _announcing(events)
    return events


def names_of(settings: Settings) -> EventNames:
    return EventNames(
        source=settings.event_source,
        consent_source=settings.consent_event_source,
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
    )


def address_of(settings: Settings) -> HubAddress | None:
    """None when no hub is named: the outbox then feeds the same consumers in this process."""
    connection = settings.eventhub_connection
    if connection is None and settings.eventhub_namespace is None:
        return None
    return HubAddress(
        hub=settings.eventhub_name,
        connection_string=connection.get_secret_value() if connection else None,
        namespace=settings.eventhub_namespace,
        endpoint=settings.eventhub_endpoint,
        ca_file=str(settings.eventhub_ca) if settings.eventhub_ca else None,
        consumer_group=settings.eventhub_group,
    )


def ranked_options(resolver: Resolver, clock: Callable[[], datetime]) -> Options:
    """The options staff would be shown for the passenger's booking, best first, as they stand when the case opens."""

    async def options(affected: Affected) -> Sequence[Mapping[str, object]]:
        event = str(affected.event["event"])
        tier = affected.profile.tier if affected.profile else "none"
        matter = Matter(
            id="", case_id="", kind=event, booking=affected.booking, event=event, standing=Standing(tier=tier)
        )
        situation = await resolver.situation_of(matter)
        ranked = await resolver.options(situation, matter, _system_turn(affected, clock()))
        return [_shown(option) for option in ranked if option.eligible][:_MOST_OPTIONS]

    return options


def _shown(option: Ranked) -> dict[str, object]:
    decision = option.decision
    return {
        "action": option.candidate.name,
        "say": decision.say,
        "clauses": [clause.clause_id for clause in decision.clauses],
        "amounts": [{"name": a.name, "minor": a.minor, "currency": a.currency} for a in decision.amounts],
        "utility": round(option.utility, 3),
    }


def _system_turn(affected: Affected, now: datetime) -> TurnContext:
    """Reads and decides as staff in the case would; nothing is proposed or executed by it."""
    return TurnContext(
        conversation_id=ConversationId("events"),
        message_id=MessageId("events"),
        speaker=Speaker(kind="staff", subject="events", roles=frozenset({"agent"})),
        grants=(),
        said=(),
        now=now,
        case_id="new",
        case_customer=str(affected.claimant),
        case_locator=str(affected.booking.record_locator),
    )


def _followed_by(sandbox: FastAPI) -> Subscriber:
    """The embedded airline keeps its own flights in step with what is said of them."""
    from tools.sandbox.operations import follow  # noqa: PLC0415 the sandbox is an adapter

    async def tell(event: CloudEvent) -> None:
        follow(sandbox, event.type, event.data)

    return tell


def _announcing(events: Events) -> Callable[[str, Mapping[str, object]], object]:
    """What a button of the sandbox's page does: operations control publishes an event."""

    async def announce(event_type: str, data: Mapping[str, object]) -> None:
        await events.send(
            type=event_type, key=key_of(event_type, data), data=data, source=OPERATIONS, event_id=uuid.uuid4().hex
        )

    return announce
