"""What the services' answers are read as. Unknown fields pass; a missing or mistyped one breaks the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import JsonValue, TypeAdapter

from tools.domain.records import (
    AncillaryOffer,
    Booking,
    Case,
    CaseNote,
    ChangeQuote,
    Claim,
    Consent,
    FareQuote,
    FlightStatus,
    NotificationReceipt,
    PaymentLink,
    PaymentMethod,
    Profile,
    Refund,
)

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Items(Generic[R]):
    items: tuple[R, ...]


class Shape(Generic[R]):
    """Made when first used: type adapters take a moment to build."""

    def __init__(self, record: type[R]) -> None:
        self._record = record

    @cached_property
    def one(self) -> TypeAdapter[R]:
        return TypeAdapter(self._record)

    @cached_property
    def many(self) -> TypeAdapter[Items[R]]:
        return TypeAdapter(Items[self._record])  # type: ignore[name-defined]  # the class is a value here


BOOKING = Shape(Booking)
FLIGHT = Shape(FlightStatus)
FARE_QUOTE = Shape(FareQuote)
CHANGE_QUOTE = Shape(ChangeQuote)
OFFER = Shape(AncillaryOffer)
PROFILE = Shape(Profile)
CONSENT = Shape(Consent)
RECEIPT = Shape(NotificationReceipt)
CASE = Shape(Case)
NOTE = Shape(CaseNote)
CLAIM = Shape(Claim)
METHOD = Shape(PaymentMethod)
REFUND = Shape(Refund)
LINK = Shape(PaymentLink)


class _Packet(Shape[Mapping[str, object]]):
    @cached_property
    def one(self) -> TypeAdapter[Mapping[str, object]]:
        return TypeAdapter(dict[str, JsonValue])


PACKET = _Packet(dict)
