"""The compensation system over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.clients.shapes import CLAIM
from tools.clients.wire import Wire
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import Claim, ClaimKind
from tools.ports import Subject, Write

_CLAIMS = "/compensation/v1/claims"


@dataclass(frozen=True)
class HttpCompensation:
    wire: Wire

    async def list_for(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[Claim, ...]:
        found = await self.wire.read(
            CLAIM.many,
            _CLAIMS,
            subject=subject or Subject(f"customer:{customer}"),
            params={"customer_id": customer},
        )
        return found.items

    async def list_for_booking(self, locator: RecordLocator, *, subject: Subject) -> tuple[Claim, ...]:
        found = await self.wire.read(CLAIM.many, _CLAIMS, subject=subject, params={"record_locator": locator})
        return found.items

    async def open_claim(
        self,
        *,
        kind: ClaimKind,
        customer: CustomerId,
        locator: RecordLocator | None,
        passenger_id: str | None,
        segment_id: str | None,
        amount_minor: int,
        currency: str,
        details: Mapping[str, str] | None = None,
        write: Write,
    ) -> Claim:
        body = {
            "kind": kind,
            "customer_id": customer,
            "record_locator": locator,
            "passenger_id": passenger_id,
            "segment_id": segment_id,
            "amount_minor": amount_minor,
            "currency": currency,
            "details": dict(details or {}),
        }
        return await self.wire.write(CLAIM.one, "POST", _CLAIMS, body, write=write)
