"""The correlation id of a request: W3C Trace Context in and out, kept where OpenTelemetry looks for it."""

import re
import secrets

from opentelemetry import context, trace

_TRACER = trace.get_tracer("concierge")
"""Made once, before its provider is set, as the API allows: to ask for it costs as much as a span."""
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def span_from(traceparent: str | None) -> trace.NonRecordingSpan:
    """A span of ours in the caller's trace, or in a new one when the header is absent or malformed."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    trace_id = int(found[1], 16) if found else secrets.randbits(128) | 1
    flags = int(found[3], 16) & trace.TraceFlags.SAMPLED if found else 0
    return trace.NonRecordingSpan(
        trace.SpanContext(
            trace_id=trace_id,
            span_id=secrets.randbits(64) | 1,
            is_remote=False,
            trace_flags=trace.TraceFlags(flags),
        )
    )


def server_span(traceparent: str | None, method: str) -> trace.Span:
    """The span of one request; where nothing records, one that only names the trace."""
    named = span_from(traceparent)
    caller = trace.NonRecordingSpan(_callers(traceparent)) if traceparent else None
    within = trace.set_span_in_context(caller) if caller else context.Context()
    span = _TRACER.start_span(method, within, kind=trace.SpanKind.SERVER, attributes={"http.request.method": method})
    return span if span.is_recording() else named


def _callers(traceparent: str) -> trace.SpanContext:
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return trace.INVALID_SPAN_CONTEXT
    flags = trace.TraceFlags(int(found[3], 16) & trace.TraceFlags.SAMPLED)
    return trace.SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=flags)


def traceparent_of(span: trace.Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current_trace_id() -> str:
    return f"{trace.get_current_span().get_span_context().trace_id:032x}"
