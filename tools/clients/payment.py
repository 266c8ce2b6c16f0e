"""The payment service over HTTP."""

from dataclasses import dataclass

from tools.clients.shapes import LINK, METHOD, REFUND
from tools.clients.wire import Wire
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.records import PaymentLink, PaymentMethod, Refund
from tools.ports import Subject, Write

_REFUNDS = "/payment/v1/refunds"


@dataclass(frozen=True)
class HttpPayments:
    wire: Wire

    async def methods(self, customer: CustomerId, *, subject: Subject | None = None) -> tuple[PaymentMethod, ...]:
        path = f"/payment/v1/customers/{self.wire.segment(customer)}/methods"
        found = await self.wire.read(METHOD.many, path, subject=subject or Subject(f"customer:{customer}"))
        return found.items

    async def refunds(self, locator: RecordLocator, *, subject: Subject) -> tuple[Refund, ...]:
        found = await self.wire.read(REFUND.many, _REFUNDS, subject=subject, params={"record_locator": locator})
        return found.items

    async def refund(
        self, locator: RecordLocator, *, amount_minor: int, currency: str, reason: str, write: Write
    ) -> Refund:
        body = {"record_locator": locator, "amount_minor": amount_minor, "currency": currency, "reason": reason}
        return await self.wire.write(REFUND.one, "POST", _REFUNDS, body, write=write)

    async def expedite(self, refund_id: str, *, write: Write) -> Refund:
        path = f"{_REFUNDS}/{self.wire.segment(refund_id)}/expedite"
        return await self.wire.write(REFUND.one, "POST", path, {}, write=write)

    async def create_link(
        self, locator: RecordLocator, *, amount_minor: int, currency: str, write: Write
    ) -> PaymentLink:
        body = {"record_locator": locator, "amount_minor": amount_minor, "currency": currency}
        return await self.wire.write(LINK.one, "POST", "/payment/v1/links", body, write=write)
