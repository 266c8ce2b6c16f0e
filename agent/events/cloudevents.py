"""CloudEvents 1.0 in JSON, structured mode: one envelope for every event, in and out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

CONTENT_TYPE = "application/cloudevents+json"
LARGEST_EVENT = 256 * 1024
"""Bytes. The hub carries more; what is larger than this is no event of ours."""

_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CloudEvent(BaseModel):
    """Attributes of extensions are let through; a later minor version of the format is read like this one."""

    model_config = ConfigDict(frozen=True, extra="allow")

    specversion: Annotated[str, Field(pattern=r"^1\.\d+$")] = "1.0"
    id: _Name
    source: _Name
    type: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w.-]+$")]
    subject: str | None = None
    time: AwareDatetime | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    partitionkey: str | None = None
    data: Mapping[str, object] = Field(default_factory=dict)

    def encoded(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


class Unreadable(Exception):
    """reason: how a dead letter is counted. detail: where it breaks, without its values, which may be somebody's."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def read_event(body: bytes, *, largest: int = LARGEST_EVENT) -> CloudEvent:
    """Raises Unreadable."""
    if len(body) > largest:
        raise Unreadable("oversized", f"{len(body)} bytes, at most {largest} are read")
    try:
        return CloudEvent.model_validate_json(body)
    except ValidationError as error:
        raise Unreadable("malformed", what_is_wrong(error)) from None


def what_is_wrong(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"


def new_event(
    *,
    id: str,
    source: str,
    type: str,
    key: str,
    data: Mapping[str, object],
    at: datetime,
    traceparent: str | None = None,
) -> CloudEvent:
    """traceparent: the trace it belongs to (the specification's extension for distributed tracing)."""
    extensions = {"traceparent": traceparent} if traceparent else {}
    return CloudEvent(
        **extensions,
        id=id,
        source=source,
        type=type,
        time=at,
        subject=key,
        datacontenttype="application/json",
        dataschema=f"/schemas/{type}/1",
        partitionkey=key,
        data=data,
    )
