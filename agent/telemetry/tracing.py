"""Spans around what a turn does, by OpenTelemetry's API: nothing is recorded until agent/telemetry/export.py says so.

No span has words of a person, arguments, names or ids of customers: what happened, how long it took, how it ended.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

Attributes = Mapping[str, str | int | float | bool]


def trace_headers() -> Mapping[str, str]:
    """What lets a service's spans and logs be joined with ours (W3C Trace Context)."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier


@contextmanager
def span(name: str, attributes: Attributes | None = None, *, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """A failure is told by its type alone: its message may hold somebody's data."""
    tracer = trace.get_tracer("concierge")
    with tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(Status(StatusCode.ERROR))
            raise
