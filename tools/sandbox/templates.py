"""The approved templates of the notification platform, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tools.domain.records import Channel

_WRITTEN: tuple[Channel, ...] = ("email", "sms", "whatsapp")


@dataclass(frozen=True, kw_only=True)
class Template:
    name: str
    text: str
    channels: tuple[Channel, ...] = _WRITTEN


def _disruption_templates() -> Iterator[Template]:
    """One a language. The link opens a conversation and says nothing of who may act in it."""
    for language, cancelled, delayed, bag in (
        (
            "en",
            "Flight {flight_number} on {flight_date} is cancelled. Your options: {link}",
            "Flight {flight_number} on {flight_date} is delayed and now leaves at {departure}. Your options: {link}",
            "There is a problem with your bag on booking {record_locator}. We look into it: {link}",
        ),
        (
            "de",
            "Ihr Flug {flight_number} am {flight_date} ist gestrichen. Ihre Möglichkeiten: {link}",
            "Ihr Flug {flight_number} am {flight_date} ist verspätet, neuer Abflug {departure}. Mehr dazu: {link}",
            "Mit Ihrem Gepäck zur Buchung {record_locator} stimmt etwas nicht. Wir kümmern uns darum: {link}",
        ),
    ):
        yield Template(name=f"flight_cancelled_{language}", text=cancelled)
        yield Template(name=f"flight_delayed_{language}", text=delayed)
        yield Template(name=f"baggage_mishandled_{language}", text=bag)


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        template.name: template
        for template in (
            Template(
                name="one_time_code",
                text="Your Gamma Airways code is {code}. It works for 10 minutes. We never ask for it by phone.",
            ),
            Template(
                name="booking_confirmation",
                text="Your booking {record_locator} is confirmed. Have a good flight.",
            ),
            Template(
                name="itinerary",
                text="Your itinerary for booking {record_locator} is ready in your account.",
            ),
            Template(
                name="cancellation_confirmation",
                text="Your booking {record_locator} is cancelled. Refund: {refund}.",
            ),
            Template(
                name="flight_change",
                text="Your booking {record_locator} now has flight {flight_number} on {flight_date}.",
            ),
            Template(
                name="flight_disrupted",
                text="Flight {flight_number} on {flight_date} is {state}. See your options in your account.",
            ),
            *_disruption_templates(),
            Template(name="refund_status", text="The refund for booking {record_locator}: {status}."),
            Template(name="claim_received", text="We received your claim {claim_id} and answer within 7 days."),
            Template(name="baggage_report", text="Your baggage report {claim_id} is open. We look for your bag."),
            Template(
                name="contact_changed",
                text="The contact details of your account were changed. If this was not you, call us at once.",
            ),
            Template(name="consent_changed", text="Your consent for {purpose} is now {state}."),
            Template(name="voucher_issued", text="A voucher over {amount} is in your account."),
            Template(name="case_opened", text="Your case {case_id} is with our team.", channels=_WRITTEN),
        )
    }
)
