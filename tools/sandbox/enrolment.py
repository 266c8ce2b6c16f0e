"""How a demo customer is known to the profile, payment and consent services."""

from collections.abc import Iterator
from datetime import timedelta

from tools.domain.records import Channel, Consent, PaymentMethod, Profile, Purpose
from tools.sandbox.held import Wallet
from tools.sandbox.people import ELENA, GRACE, PAUL, TOM, Persona
from tools.sandbox.seed import World

Choice = tuple[Purpose, Channel | None, bool]


def enrol(world: World, persona: Persona) -> None:
    changed = world.now - (timedelta(hours=6) if persona is ELENA else timedelta(days=300))
    world.profiles.append(
        Profile(
            customer_id=persona.customer_id,
            version=world.version,
            given_name=persona.given_name,
            surname=persona.surname,
            birth_date=persona.birth_date,
            email=persona.email,
            phone=persona.phone,
            contact_changed_at=changed,
            language="en",
            home_airport={GRACE: "LHR", TOM: "CPH"}.get(persona, "VIE"),
            time_zone={GRACE: "Europe/London", TOM: "Europe/Copenhagen"}.get(persona, "Europe/Vienna"),
            tier=persona.tier,
            loyalty_number=persona.loyalty_number,
            miles=persona.miles,
            social_interests=persona.interests,
        )
    )
    world.wallets.append(Wallet(customer_id=persona.customer_id, methods=(method(persona),)))
    for purpose, channel, granted in _choices(persona):
        world.consents.append(
            Consent(
                customer_id=persona.customer_id,
                version=world.version,
                purpose=purpose,
                channel=channel,
                granted=granted,
                changed_at=world.now - timedelta(days=200 if granted else 5),
                source="website",
            )
        )


def method(persona: Persona) -> PaymentMethod:
    return PaymentMethod(token=f"pm_{persona.customer_id.lower()}", label=f"Visa ending {4200 + persona.number}")


def _choices(persona: Persona) -> Iterator[Choice]:
    yield "service_notifications", "email", True
    if persona is PAUL:
        yield "service_notifications", "sms", False
        yield "marketing", "email", False
        yield "personalisation", None, False
    elif persona.number % 3 == 0:
        yield "service_notifications", "sms", True
        yield "marketing", "email", True
        yield "personalisation", None, True
    if persona.interests:
        yield "social_profile", None, True
