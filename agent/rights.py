"""What a customer who asks for their data, or for its end, is given."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel


class Export(BaseModel):
    """Everything Concierge holds of a customer. Bookings, profile and payments are held by the airline's other systems,
    which have exports of their own."""

    exported_at: datetime
    customer_id: str
    conversations: tuple[dict[str, Any], ...]
    cases: tuple[dict[str, Any], ...]


class Erased(BaseModel):
    status: Literal["erased", "deferred"]
    detail: str
