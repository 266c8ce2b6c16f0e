"""The notification platform over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.clients.shapes import RECEIPT
from tools.clients.wire import Wire
from tools.domain.ids import CustomerId
from tools.domain.records import Channel, NotificationReceipt
from tools.ports import Write

_NOTIFICATIONS = "/notification/v1/notifications"


@dataclass(frozen=True)
class HttpNotifications:
    wire: Wire

    async def send_code(self, *, address: str, channel: Channel, code: str, write: Write) -> NotificationReceipt:
        body = {"address": address, "channel": channel, "code": code}
        return await self.wire.write(RECEIPT.one, "POST", "/notification/v1/codes", body, write=write)

    async def send(
        self,
        *,
        customer: CustomerId,
        template: str,
        channel: Channel,
        parameters: Mapping[str, str],
        write: Write,
    ) -> NotificationReceipt:
        body = {"customer_id": customer, "template": template, "channel": channel, "parameters": dict(parameters)}
        return await self.wire.write(RECEIPT.one, "POST", _NOTIFICATIONS, body, write=write)

    async def send_to(
        self, *, address: str, template: str, channel: Channel, parameters: Mapping[str, str], write: Write
    ) -> NotificationReceipt:
        body = {"address": address, "template": template, "channel": channel, "parameters": dict(parameters)}
        return await self.wire.write(RECEIPT.one, "POST", _NOTIFICATIONS, body, write=write)
