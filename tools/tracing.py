"""Spans around what is done, by OpenTelemetry's API: nothing is recorded until a server starts its SDK.

No span has words of a person, arguments, names or ids of customers: what happened, how long it took, how it ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from opentelemetry import context, propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

Attributes = Mapping[str, str | int | float | bool | Sequence[str]]


def trace_headers() -> Mapping[str, str]:
    """What lets another system's spans and logs be joined with ours (W3C Trace Context); nothing without a trace."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier


def joined(headers: Mapping[str, str]) -> context.Context:
    """The trace that these headers name."""
    return propagate.extract(headers, context.Context())


@lru_cache(maxsize=1)
def tracer_of(provider: trace.TracerProvider) -> trace.Tracer:
    """Made once a provider: the SDK would make a new one for every span."""
    return provider.get_tracer("concierge")


@contextmanager
def span(
    name: str,
    attributes: Attributes | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    within: context.Context | None = None,
) -> Iterator[Span]:
    """A failure is told by its type alone: its message may hold somebody's data. within: else the current trace."""
    with tracer_of(trace.get_tracer_provider()).start_as_current_span(
        name,
        within,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(Status(StatusCode.ERROR))
            raise
