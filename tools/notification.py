"""Messages from approved templates, on channels the customer has opened."""

from datetime import timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from knowledge.values import Value
from tools.consent import is_open
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.outcomes import Outcome, Refused
from tools.domain.records import Channel
from tools.ports import Services, Write
from tools.tool import Arguments, Call, Order, Provenance, Resolution, Tool

Template = Literal["booking_confirmation", "itinerary"]


class Notification(Arguments):
    record_locator: RecordLocator
    template: Template
    channel: Channel
    provenance: ClassVar[dict[str, Provenance]] = {
        "record_locator": "record",
        "template": "choice",
        "channel": "choice",
    }


class Notifications:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def resolve(self, call: Call) -> Resolution | Outcome:
        """A channel without a live consent is closed, whatever the policy says; read now and again at confirmation."""
        wish: Notification = call.arguments
        customer = call.turn.speaker.customer_id or call.the_booking().booker_id
        if not is_open(await self._services.consent.list_for(customer), "service_notifications", wish.channel):
            return Refused(say=_CLOSED.format(wish.channel), clauses=())
        profile = await self._services.profile.get(customer)
        there = call.turn.now.astimezone(ZoneInfo(profile.time_zone))
        facts: dict[str, Value] = {
            "consent.granted": True,
            "consent.purpose": "service_notifications",
            "notice.channel": wish.channel,
            "notice.purpose": "service",
            "notice.approved": True,
            "notice.local_time": timedelta(hours=there.hour, minutes=there.minute, seconds=there.second),
        }
        return Resolution(facts=facts, details={"customer": str(customer)})

    async def send(self, order: Order, write: Write) -> None:
        wish: Notification = order.arguments
        await self._services.notification.send(
            customer=CustomerId(order.details["customer"]),
            template=wish.template,
            channel=wish.channel,
            parameters={"record_locator": wish.record_locator},
            write=Write(key=write.key, subject=write.subject),
        )


def notification_tools(services: Services) -> tuple[Tool, ...]:
    notifications = Notifications(services)
    return (
        Tool(
            name="send_notification",
            description=(
                "Proposes to send an approved message about a booking to the customer's own contact: "
                "'booking_confirmation' or 'itinerary'. "
                "Example: record_locator 'K7XQ2P', template 'itinerary', channel 'email'."
            ),
            arguments=Notification,
            kind="write",
            least="verified",
            about_booking=True,
            action="send_notification",
            resolve=notifications.resolve,
            summary=lambda call: (
                f"Send the {_named(call)} of {call.arguments.record_locator} by {call.arguments.channel}"
            ),
            receipt=lambda call: f"The {_named(call)} is on its way by {call.arguments.channel}.",
            steps=(notifications.send,),
        ),
    )


def _summary(call: Call) -> str:
    return f"Send the {_named(call)} of {call.arguments.record_locator} by {call.arguments.channel}"


def _named(call: Call) -> str:
    return str(call.arguments.template).replace("_", " ")


_CLOSED = "There is no consent to messages by {}, so I may not send one. You can agree to it first."
