"""The signed-in customer's own profile, read with consent and changed after confirmation."""

from typing import ClassVar, Literal

from tools.consent import is_open
from tools.domain.ids import CustomerId
from tools.domain.outcomes import Done, Event, Invalid, Outcome
from tools.domain.records import Channel
from tools.ports import Services, Subject, Write
from tools.telling import mask_contact
from tools.tool import Arguments, Call, NoArguments, Order, Provenance, Resolution, Tool

Field = Literal["email", "phone", "language", "home_airport"]
CONTACT: frozenset[str] = frozenset({"email", "phone"})


class ProfileChange(Arguments):
    field: Field
    value: str
    provenance: ClassVar[dict[str, Provenance]] = {"field": "choice", "value": "words"}


class Profiles:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def read(self, call: Call) -> Outcome:
        customer = _customer(call)
        profile = await self._services.profile.get(customer)
        consents = await self._services.consent.list_for(customer)
        data: dict[str, object] = {
            "tier": profile.tier,
            "miles": profile.miles,
            "language": profile.language,
            "home_airport": profile.home_airport,
            "contact": [mask_contact(c) for c in (profile.email, profile.phone) if c],
            "untrusted": {"name": f"{profile.given_name} {profile.surname}"},
        }
        if is_open(consents, "social_profile", None):
            data["untrusted"] = {"interests": list(profile.social_interests)}
        tier = "no tier" if profile.tier == "none" else f"{profile.tier} tier"
        contacts = ", ".join(mask_contact(c) for c in (profile.email, profile.phone) if c)
        say = f"Your profile: {tier}, {profile.miles} miles, language {profile.language}, contact {contacts}."
        return Done(say=say, data=data)

    async def resolve(self, call: Call) -> Resolution | Outcome:
        wish: ProfileChange = call.arguments
        if call.turn.speaker.customer_id is None:
            return Invalid(say="Only a signed-in customer can change a profile.")
        profile = await self._services.profile.get(_customer(call))
        old = getattr(profile, wish.field) or ""
        details = {"customer": str(_customer(call)), "old": old if wish.field in CONTACT else ""}
        return Resolution(facts={"profile.field": wish.field}, details=details, version=profile.version)

    async def update(self, order: Order, write: Write) -> str:
        wish: ProfileChange = order.arguments
        customer = CustomerId(order.details["customer"])
        return (await self._services.profile.update(customer, {wish.field: wish.value}, write=write)).version

    async def warn_old_contact(self, order: Order, write: Write) -> None:
        """The contact that was replaced is told, so that a thief cannot change it unseen."""
        old = order.details["old"]
        if not old:
            return
        channel: Channel = "email" if "@" in old else "sms"
        warned = Write(key=write.key, subject=Subject("system"))
        await self._services.notification.send_to(
            address=old, template="contact_changed", channel=channel, parameters={}, write=warned
        )


def profile_tools(services: Services) -> tuple[Tool, ...]:
    profiles = Profiles(services)
    return (
        Tool(
            name="get_profile",
            description=(
                "Reads the signed-in customer's profile: tier, miles, language, masked contact. Use it when they ask "
                "what we know of them. Takes no argument."
            ),
            arguments=NoArguments,
            kind="read",
            least="authenticated",
            read=profiles.read,
        ),
        Tool(
            name="update_profile",
            description=(
                "Proposes to change one field of the signed-in customer's profile. "
                "Example: field 'email', value 'ada@example.org'."
            ),
            arguments=ProfileChange,
            kind="write",
            least="authenticated",
            action="update_profile",
            resolve=profiles.resolve,
            summary=lambda call: f"Change your {_named(call)} to {call.arguments.value}",
            receipt=lambda call: f"Your {_named(call)} is now {call.arguments.value}.",
            phrase=lambda call: f"change my {_named(call)}" if call.arguments.field in CONTACT else None,
            steps=(profiles.update, profiles.warn_old_contact),
            event=lambda order: Event(
                key=order.details["customer"],
                type="profile.changed",
                data={"customer_id": order.details["customer"], "field": order.arguments.field},
            ),
        ),
    )


def _named(call: Call) -> str:
    return str(call.arguments.field).replace("_", " ")


def _customer(call: Call) -> CustomerId:
    customer = call.turn.speaker.customer_id
    if customer is None:
        raise LookupError("the executor let through a call that needs a customer")
    return customer
