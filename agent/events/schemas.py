"""What the events that concern us say, read tolerantly: a newer version may say more, never less.

Each knows its partition key, which is also what its order is kept by.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from agent.events.cloudevents import CloudEvent, Unreadable, what_is_wrong
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import Channel, Purpose

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_Flight = Annotated[
    str,
    BeforeValidator(lambda given: given.replace(" ", "").upper() if isinstance(given, str) else given),
    Field(pattern=r"^(?:[A-Z][A-Z0-9]|[0-9][A-Z])\d{1,4}[A-Z]?$"),
]
_BY_CHANNEL = ("marketing", "service_notifications")


class EventData(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    event_type: ClassVar[str]

    @property
    def key(self) -> str:
        raise NotImplementedError


class _FlightEvent(EventData):
    flight_number: _Flight
    flight_date: date
    """Local date of departure, which names the flight together with its number."""
    cause: Annotated[str | None, Field(max_length=200)] = None
    extraordinary: bool | None = None
    announced_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return f"{self.flight_number}/{self.flight_date}"


class FlightCancelled(_FlightEvent):
    event_type = "flight.cancelled"


class FlightDelayed(_FlightEvent):
    """The delay in minutes, or the new time of departure, or both."""

    event_type = "flight.delayed"

    delay_minutes: Annotated[int | None, Field(gt=0, le=10_000)] = None
    estimated_departure: AwareDatetime | None = None
    estimated_arrival: AwareDatetime | None = None

    @model_validator(mode="after")
    def _has_a_delay(self) -> "FlightDelayed":
        if self.delay_minutes is None and self.estimated_departure is None:
            raise ValueError("delay_minutes or estimated_departure is needed")
        return self


class BaggageMishandled(EventData):
    event_type = "baggage.mishandled"

    record_locator: Annotated[RecordLocator, Field(pattern=r"^[A-Z0-9]{6}$")]
    passenger_id: _Id
    kind: Literal["delayed", "damaged", "lost"]
    bag_tag: Annotated[str | None, Field(pattern=r"^[A-Z0-9]{6,12}$")] = None
    flight_number: _Flight | None = None
    flight_date: date | None = None

    @property
    def key(self) -> str:
        return self.record_locator


class IvrCallStarted(EventData):
    """Somebody calls. The number is a hint and proves nothing."""

    event_type = "ivr.call_started"

    call_id: Annotated[str, Field(pattern=r"^[\w.:@-]{1,80}$")]
    phone: Annotated[
        str, Field(pattern=r"^\+?[\d ()/-]{3,30}$", validation_alias=AliasChoices("phone", "caller", "caller_id"))
    ]
    agent: Annotated[str, Field(pattern=r"^[\w.:@-]{1,80}$", validation_alias=AliasChoices("agent", "assigned_to"))]
    started_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return self.call_id


class ConsentChanged(EventData):
    event_type = "consent.changed"

    customer_id: Annotated[CustomerId, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    purpose: Purpose
    channel: Channel | None = None
    granted: bool
    changed_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _names_a_channel_where_there_is_one(self) -> "ConsentChanged":
        if (self.channel is not None) != (self.purpose in _BY_CHANNEL):
            raise ValueError("marketing and service_notifications name a channel, the others none")
        return self

    @property
    def key(self) -> str:
        return self.customer_id


class ProfileChanged(EventData):
    event_type = "profile.changed"

    customer_id: Annotated[CustomerId, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    fields: tuple[str, ...] = ()
    field: str | None = None
    changed_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        return self.customer_id

    @property
    def contact_changed(self) -> bool:
        return bool({"email", "phone"} & {*self.fields, self.field})


class ProfileMerged(EventData):
    """Two records turned out to be one person."""

    event_type = "profile.merged"

    surviving_id: Annotated[
        CustomerId,
        Field(
            pattern=r"^[A-Za-z0-9_-]{1,40}$",
            validation_alias=AliasChoices("surviving_id", "surviving_customer_id", "customer_id"),
        ),
    ]
    merged_id: Annotated[
        CustomerId,
        Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", validation_alias=AliasChoices("merged_id", "merged_customer_id")),
    ]
    merged_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _are_two(self) -> "ProfileMerged":
        if self.surviving_id == self.merged_id:
            raise ValueError("a customer cannot be merged into themselves")
        return self

    @property
    def key(self) -> str:
        return self.surviving_id


FlightEvent = FlightCancelled | FlightDelayed
Known = FlightEvent | BaggageMishandled | IvrCallStarted | ConsentChanged | ProfileChanged | ProfileMerged
_KNOWN: Mapping[str, type[Known]] = MappingProxyType(
    {
        model.event_type: model
        for model in (
            *(FlightCancelled, FlightDelayed, BaggageMishandled, IvrCallStarted),
            *(ConsentChanged, ProfileChanged, ProfileMerged),
        )
    }
)
TYPES = tuple(_KNOWN)


def read_data(event: CloudEvent) -> Known:
    """Raises Unreadable: unknown, or schema with the field that does not fit."""
    return _read(event.type, event.data)


def key_of(event_type: str, data: Mapping[str, object]) -> str:
    """The partition key of an event. Raises Unreadable."""
    return _read(event_type, data).key


def _read(event_type: str, data: Mapping[str, object]) -> Known:
    model = _KNOWN.get(event_type)
    if model is None:
        raise Unreadable("unknown", f"nothing here reads {event_type}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Unreadable("schema", what_is_wrong(error)) from None


def happened_at(data: Known, event: CloudEvent) -> datetime | None:
    """When it happened, by the event itself, else by its envelope; None leaves it unordered."""
    named = getattr(data, "changed_at", None) or getattr(data, "merged_at", None)
    return named if isinstance(named, datetime) else event.time
