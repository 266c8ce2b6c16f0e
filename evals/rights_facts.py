"""An evaluator's situation as facts: the exam's fields, read tolerantly, in the vocabulary of the policy pack."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from knowledge.places import regions_of
from knowledge.values import Value

Raw: TypeAlias = Mapping[str, object]

_EVENTS = {
    "schedule_changed": "schedule_change",
    "significant_change": "schedule_change",
    "rescheduled": "schedule_change",
    "rescheduled_earlier": "brought_forward",
    "advanced": "brought_forward",
    "oversold": "denied_boarding",
    "overbooked": "denied_boarding",
    "bumped": "denied_boarding",
    "downgrade": "downgraded",
    "delay": "delayed",
    "cancellation": "cancelled",
    "tarmac": "tarmac_delay",
}
_ACCEPTS = frozenset(
    {"reroute", "rerouting", "rebooking", "rebooked", "alternative", "travel", "voucher", "credit", "fly", "continue"}
)
_AGE = re.compile(r"(?!complaint)(?=.*(claim|action|request|filed|since|after)).*_?(days|months|years)(_|$)")
_AGE_DAYS = {"days": 1.0, "months": 365 / 12, "years": 365.0}
_SDR = frozenset({"SDR", "XDR"})


class Unscorable(Exception):
    """A line that no answer can be measured against, with its reason."""


def first(raw: Raw, *names: str) -> object:
    """The first of several spellings of a field that is given and not null."""
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def number(raw: Raw, *names: str) -> float | None:
    value = first(raw, *names)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(raw: Raw, *names: str, default: bool) -> bool:
    value = first(raw, *names)
    return value if isinstance(value, bool) else default


def _minutes(raw: Raw, *names: str) -> timedelta | None:
    value = number(raw, *names)
    return None if value is None else timedelta(minutes=value)


def _days(raw: Raw, *names: str) -> timedelta | None:
    value = number(raw, *names)
    return None if value is None else timedelta(days=value)


def _minor(value: float | None) -> int | None:
    return None if value is None else round(value * 100)


def facts_of(raw: Raw, regime: str, question: str) -> dict[str, Value]:
    """The facts of one case. A missing field has the default the format states; a field we do not know is ignored."""
    parts: Sequence[Callable[[Raw], Mapping[str, Value | None]]] = (
        _route,
        _flight,
        _reroute,
        _passenger,
        _money,
        _bags,
    )
    facts: dict[str, Value | None] = {"claim.regime": regime, "claim.question": question}
    for part in parts:
        facts |= part(raw)
    return {name: value for name, value in facts.items() if value is not None}


def flight_day(raw: Raw) -> datetime:
    value = first(raw, "flight_date", "date")
    if not isinstance(value, str):
        raise Unscorable("no flight_date")
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError as error:
        raise Unscorable(f"flight_date {value!r} is not a date") from error


def _text(raw: Raw, *names: str) -> str:
    value = first(raw, *names)
    return value if isinstance(value, str) else ""


def _route(raw: Raw) -> Mapping[str, Value | None]:
    origin, destination = _text(raw, "origin_country"), _text(raw, "destination_country")
    connection = _text(raw, "connection_country")
    return {
        "flight.departure": flight_day(raw),
        "flight.origin": _text(raw, "origin"),
        "flight.destination": _text(raw, "destination"),
        "flight.origin_country": origin,
        "flight.destination_country": destination,
        "flight.origin_regions": regions_of(origin),
        "flight.destination_regions": regions_of(destination),
        "flight.connection_regions": regions_of(connection) if connection else (),
        "flight.international": origin != destination,
        "flight.distance_km": number(raw, "distance_km"),
        "flight.carrier_region": _text(raw, "operating_carrier_country") or "other",
        "flight.carrier_size": _text(raw, "carrier_size") or "large",
        "flight.one_booking": flag(raw, "one_booking", "single_booking", "same_booking", default=True),
        "flight.duration": _duration(raw),
        "flight.aircraft_seats": int(number(raw, "aircraft_seats", "aircraft_capacity", "seats") or 180),
    }


def _duration(raw: Raw) -> timedelta | None:
    hours = number(raw, "flight_duration_hours", "flight_hours", "duration_hours")
    return timedelta(hours=hours) if hours is not None else _minutes(raw, "flight_duration_minutes", "duration_minutes")


def _flight(raw: Raw) -> Mapping[str, Value | None]:
    event = _text(raw, "event")
    arrival = _minutes(raw, "arrival_delay_minutes", "reroute_arrival_later_minutes")
    departure = _minutes(raw, "departure_delay_minutes")
    if (waited := number(raw, "next_available_departure_hours")) is not None:
        departure = timedelta(hours=waited) if departure is None else departure
        arrival = timedelta(hours=waited) if arrival is None else arrival
    if departure is None and _EVENTS.get(event, event) == "delayed":
        departure = arrival
    return {
        "flight.event": "none" if event.startswith("baggage") else _EVENTS.get(event, event),
        "flight.departure_delay": departure or timedelta(),
        "flight.arrival_delay": arrival or timedelta(),
        "flight.tarmac_delay": _minutes(raw, "tarmac_delay_minutes", "tarmac_minutes") or timedelta(),
        "flight.notice": _notice(raw),
        "flight.extraordinary": flag(raw, "extraordinary", default=False),
        "flight.control": _control(raw),
        "flight.cause": _text(raw, "cause") or "none",
        "flight.oversale_exempt": flag(
            raw, "equipment_substitution", "smaller_aircraft", "weight_balance", "safety_substitution", default=False
        ),
        "flight.cabin": "economy",
    }


def _control(raw: Raw) -> str | None:
    """Whose control the cause lay in; what is extraordinary lies outside it, if nothing else is said."""
    return _text(raw, "control") or ("outside_control" if flag(raw, "extraordinary", default=False) else None)


def _notice(raw: Raw) -> timedelta:
    """How long before departure the passenger was told; what only an agent was told does not count."""
    hours = number(raw, "notice_hours")
    return timedelta(hours=hours) if hours is not None else _days(raw, "notice_days") or timedelta()


def _reroute(raw: Raw) -> Mapping[str, Value | None]:
    earlier = _minutes(raw, "reroute_departure_earlier_minutes", "departure_earlier_minutes", "brought_forward_minutes")
    later = _minutes(raw, "reroute_arrival_later_minutes")
    offered = flag(raw, "reroute_offered", default=later is not None)
    choice = _text(raw, "passenger_choice")
    waited = number(raw, "next_available_departure_hours")
    return {
        "reroute.offered": offered,
        "reroute.accepted": flag(raw, "accepted_alternative", default=choice in _ACCEPTS),
        "reroute.departs_earlier": earlier or timedelta(),
        "reroute.arrives_later": later if later is not None else _minutes(raw, "arrival_delay_minutes") or timedelta(),
        "reroute.next_departure": timedelta(hours=waited) if waited is not None else timedelta(),
        "reroute.more_connections": flag(
            raw, "more_connections", "connections_increased", "added_connection", default=False
        ),
        "reroute.other_airport": flag(raw, "airport_changed", "different_airport", "airport_change", default=False),
        "reroute.lower_cabin": flag(raw, "lower_class", "downgraded", default=False),
        "claim.wants_refund": choice == "refund",
    }


def _passenger(raw: Raw) -> Mapping[str, Value | None]:
    free = flag(raw, "free_of_charge", "travels_free", "free_ticket", default=False)
    public = flag(raw, "publicly_available_fare", "public_fare", "fare_available_to_public", default=not free)
    return {
        "passenger.volunteer": flag(raw, "voluntary", "volunteer", default=False),
        "passenger.on_time": flag(raw, "checked_in_on_time", default=True),
        "passenger.fare_public": public or flag(raw, "frequent_flyer_ticket", "loyalty_ticket", default=False),
        "passenger.refused_for_cause": flag(
            raw, "reasonable_grounds", "reasonable_grounds_to_refuse", "documents_missing", default=False
        ),
        "claim.paid_already": flag(raw, "compensated_in_third_country", "compensated_elsewhere", default=False),
        "claim.age": _age(raw),
    }


def _age(raw: Raw) -> timedelta | None:
    """The time from the flight to the claim, whatever the field is called."""
    for name in raw:
        value = number(raw, name)
        if value is not None and (match := _AGE.match(name)):
            return timedelta(days=value * _AGE_DAYS[match[2]])
    return None


def _money(raw: Raw) -> Mapping[str, Value | None]:
    paid = number(raw, "fare_paid")
    price = number(raw, "downgraded_flight_price")
    return {
        "booking.currency": _currency(raw),
        "booking.status": "confirmed",
        "booking.unused_value": _minor(paid) or 1,
        "flight.price": _minor(price if price is not None else paid),
        "flight.one_way_fare": _minor(number(raw, "one_way_fare", "fare_paid")),
    }


def _currency(raw: Raw) -> str:
    spoken = _text(raw, "fare_currency", "currency", "loss_currency")
    return spoken if spoken and spoken not in _SDR else "USD"


def _bags(raw: Raw) -> Mapping[str, Value | None]:
    event = _text(raw, "event")
    in_sdr = _text(raw, "loss_currency") in _SDR
    loss = _minor(number(raw, "proven_loss", "proven_damage"))
    if not event.startswith("baggage"):
        return {"baggage.event": "none", "claim.damage_xdr": loss if in_sdr else None}
    reported = _days(raw, "complaint_days_after_receipt")
    return {
        "baggage.event": event.removeprefix("baggage_"),
        "baggage.checked": flag(raw, "checked_baggage", default=True),
        "baggage.fault": flag(raw, "carrier_fault", "fault", "carrier_at_fault", default=False),
        "baggage.inherent_defect": flag(raw, "inherent_defect", "inherent_vice", default=False),
        "baggage.reckless": flag(raw, "wilful_misconduct", "willful_misconduct", "reckless", "intent", default=False),
        "baggage.loss_xdr": loss if in_sdr else None,
        "baggage.loss": None if in_sdr else loss,
        "baggage.declared_value_xdr": _declared(raw, loss),
        "baggage.reported_after": reported if reported is not None else _age(raw) or timedelta(),
        "baggage.delay": _minutes(raw, "baggage_delay_minutes"),
        "baggage.fee_paid": _minor(number(raw, "baggage_fee", "bag_fee", "fee_paid", "bag_fee_paid")) or 1,
        "baggage.file_number": flag(raw, "report_filed", "mishandled_baggage_report", "mbr_filed", default=True),
    }


def _declared(raw: Raw, loss: int | None) -> int:
    """The value declared at check-in; a declaration without a figure covers the proven loss."""
    declared = number(raw, "declared_value", "special_declaration_amount", "special_declaration_value")
    if declared is not None:
        return _minor(declared) or 0
    return (loss or 0) if flag(raw, "special_declaration", default=False) else 0
