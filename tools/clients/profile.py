"""The profile service over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.clients.shapes import PROFILE
from tools.clients.wire import Wire
from tools.domain.ids import CustomerId
from tools.domain.records import Profile
from tools.ports import Subject, Write

_PROFILES = "/profile/v1/profiles"


@dataclass(frozen=True)
class HttpProfiles:
    wire: Wire

    async def get(self, customer: CustomerId, *, subject: Subject | None = None) -> Profile:
        return await self.wire.read(
            PROFILE.one, self._path(customer), subject=subject or Subject(f"customer:{customer}")
        )

    async def find_by_phone(self, phone: str) -> tuple[Profile, ...]:
        found = await self.wire.read(PROFILE.many, _PROFILES, subject=Subject("system"), params={"phone": phone})
        return found.items

    async def update(self, customer: CustomerId, changes: Mapping[str, str], *, write: Write) -> Profile:
        return await self.wire.write(PROFILE.one, "PATCH", self._path(customer), dict(changes), write=write)

    def _path(self, customer: CustomerId) -> str:
        return f"{_PROFILES}/{self.wire.segment(customer)}"
