"""The consent service over HTTP."""

from dataclasses import dataclass

from tools.clients.shapes import CONSENT
from tools.clients.wire import Wire
from tools.domain.ids import CustomerId
from tools.domain.records import Channel, Consent, Purpose
from tools.ports import Subject, Write


@dataclass(frozen=True)
class HttpConsents:
    wire: Wire

    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Consent, ...]:
        found = await self.wire.read(
            CONSENT.many, self._path(customer), subject=subject or Subject(f"customer:{customer}")
        )
        return found.items

    async def set(
        self, customer: CustomerId, purpose: Purpose, channel: Channel | None, granted: bool, *, write: Write
    ) -> Consent:
        body = {"purpose": purpose, "channel": channel, "granted": granted}
        return await self.wire.write(CONSENT.one, "PUT", self._path(customer), body, write=write)

    def _path(self, customer: CustomerId) -> str:
        return f"/consent/v1/customers/{self.wire.segment(customer)}/consents"
