"""The profile service."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from tools.domain.records import Profile
from tools.sandbox.contract import (
    Airline,
    AirlineNow,
    Asked,
    Body,
    Incoming,
    Items,
    list_response,
    record_answer,
    record_response,
)
from tools.sandbox.held import PROFILES, digits, next_version
from tools.sandbox.problems import invalid
from tools.sandbox.store import Answer

router = APIRouter(prefix="/profile/v1", tags=["profile"])


class ProfileChange(Body):
    """Names and birth dates are changed with a document, by people."""

    email: Annotated[str | None, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}$")] = None
    phone: Annotated[str | None, Field(pattern=r"^\+\d{8,15}$")] = None
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = None
    home_airport: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$")] = None
    time_zone: Annotated[str | None, Field(pattern=r"^[A-Za-z_]+(/[A-Za-z_+-]+)*$")] = None


@router.get("/profiles/{customer_id}", response_model=Profile)
async def get_profile(customer_id: str, airline: AirlineNow, asked: Asked) -> Response:
    profile = airline.owned(PROFILES, customer_id, asked.caller)
    return record_response(PROFILES, profile, version=profile.version)


@router.get("/profiles", response_model=Items[Profile])
async def find_by_phone(phone: str, airline: AirlineNow, asked: Asked) -> Response:
    """For the contact centre: who calls from this number."""
    asked.caller.must_be_staff()
    return list_response(PROFILES, airline.store.find(PROFILES, f"phone:{digits(phone)}"))


@router.patch("/profiles/{customer_id}", response_model=Profile)
async def update_profile(customer_id: str, body: ProfileChange, airline: AirlineNow, asked: Asked) -> Response:
    return airline.write(asked, body, lambda: _update(airline, asked, customer_id, body))


def _update(airline: Airline, asked: Incoming, customer_id: str, body: ProfileChange) -> Answer:
    profile = airline.owned(PROFILES, customer_id, asked.caller)
    asked.check_version(profile.version)
    changes = body.model_dump(exclude_none=True)
    if not changes:
        raise invalid("Name at least one field to change.")
    contact_changed = bool({"email", "phone"} & changes.keys())
    changed = replace(
        profile,
        **changes,
        version=next_version(profile.version),
        contact_changed_at=airline.now() if contact_changed else profile.contact_changed_at,
    )
    airline.store.put(PROFILES, changed)
    return record_answer(PROFILES, changed, version=changed.version)
