"""OpenTelemetry's SDK, started by a server: spans and logs to a collector if one is set, metrics to it and /metrics.

Every metric is made of spans: how many, how long, how they ended. So there is one place to measure.
"""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from agent.settings import Settings
from agent.telemetry.logs import fields_of, write_logs

_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LABELS = {
    "http.route": "route",
    "http.response.status_code": "status",
    "gen_ai.request.model": "model",
    "gen_ai.tool.name": "tool",
    "server.name": "service",
    "concierge.outcome": "outcome",
    "error.type": "error",
}
"""Attributes that become labels: all of closed sets, none of a person."""
_TOKENS = {"gen_ai.usage.input_tokens": "input", "gen_ai.usage.output_tokens": "output"}
_OF_TURNS = {
    "concierge.model_calls": "{call}",
    "concierge.cached_tokens": "{token}",
    "concierge.price_micros": "{millionth}",
}
"""What adds up over turns, by its unit."""


@contextmanager
def telemetry(settings: Settings) -> Iterator[InMemoryMetricReader]:
    """For the life of a process: the reader is what /metrics shows."""
    write_logs(settings.log_format, settings.log_level)
    resource = Resource.create(
        {"service.name": "concierge", "service.instance.id": f"{socket.gethostname()}-{os.getpid()}"}
    )
    reader = InMemoryMetricReader()
    meters = MeterProvider(metric_readers=[reader, *_metrics_out(settings)], resource=resource)
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(Measured(meters))
    loggers = LoggerProvider(resource=resource)
    if settings.otlp_endpoint:
        tracers.add_span_processor(
            BatchSpanProcessor(
                OTLPSpanExporter(collector_url(settings, "traces"), headers=collector_headers(settings), timeout=5)
            )
        )
        loggers.add_log_record_processor(
            BatchLogRecordProcessor(
                OTLPLogExporter(collector_url(settings, "logs"), headers=collector_headers(settings), timeout=5)
            )
        )
        logging.getLogger().addHandler(_Collected(loggers))
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(meters)
    _logs.set_logger_provider(loggers)
    try:
        yield reader
    finally:
        for provider in (tracers, loggers, meters):
            provider.shutdown()


class Measured(SpanProcessor):
    """Counts and times every span that ends."""

    def __init__(self, provider: MeterProvider) -> None:
        meter = provider.get_meter("concierge")
        self._durations = meter.create_histogram(
            "concierge.operation.duration", unit="s", explicit_bucket_boundaries_advisory=_BUCKETS
        )
        self._tokens = meter.create_counter("concierge.model.tokens", unit="{token}")
        self._sums = {
            name: meter.create_counter(name.replace("concierge.", "concierge.turn."), unit=unit)
            for name, unit in _OF_TURNS.items()
        }
        self._first_sentences = meter.create_histogram(
            "concierge.turn.first_sentence", unit="s", explicit_bucket_boundaries_advisory=_BUCKETS
        )

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        pass

    def on_end(self, span: ReadableSpan) -> None:
        told = span.attributes or {}
        labels = {label: str(told[name]) for name, label in _LABELS.items() if name in told}
        seconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e9
        self._durations.record(seconds, {"operation": span.name.split(" ")[0], **labels})
        for name, kind in _TOKENS.items():
            if name in told:
                model = {"model": str(told.get("gen_ai.request.model", ""))}
                self._tokens.add(float(str(told[name])), {"kind": kind, **model})
        for name, counter in self._sums.items():
            if name in told:
                counter.add(float(str(told[name])))
        if "concierge.first_sentence_ms" in told:
            self._first_sentences.record(float(str(told["concierge.first_sentence_ms"])) / 1000)


class _Collected(logging.Handler):
    """The same records to the collector, redacted alike. What the exporter itself logs stays here."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__()
        self._logger = provider.get_logger("concierge")

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("opentelemetry"):
            return
        told = fields_of(record)
        told.pop("time")
        self._logger.emit(
            LogRecord(
                timestamp=int(record.created * 1e9),
                severity_text=record.levelname,
                severity_number=_SEVERITIES.get(record.levelno, SeverityNumber.INFO),
                body=str(told.pop("message")),
                attributes={name: _plain(value) for name, value in told.items()},
                context=trace.set_span_in_context(trace.get_current_span()),
            )
        )


def _plain(value: object) -> int | float | str:
    return value if isinstance(value, int | float) else str(value)


_SEVERITIES = {
    logging.DEBUG: SeverityNumber.DEBUG,
    logging.WARNING: SeverityNumber.WARN,
    logging.ERROR: SeverityNumber.ERROR,
    logging.CRITICAL: SeverityNumber.FATAL,
}


def _metrics_out(settings: Settings) -> list[MetricReader]:
    if not settings.otlp_endpoint:
        return []
    exporter = OTLPMetricExporter(collector_url(settings, "metrics"), headers=collector_headers(settings), timeout=5)
    return [PeriodicExportingMetricReader(exporter, 15_000)]


def collector_url(settings: Settings, signal: str) -> str:
    return f"{str(settings.otlp_endpoint).rstrip('/')}/v1/{signal}"


def collector_headers(settings: Settings) -> dict[str, str]:
    written = settings.otlp_headers.get_secret_value() if settings.otlp_headers else ""
    pairs = (pair.partition("=") for pair in written.split(",") if pair)
    return {name.strip(): value.strip() for name, _, value in pairs}
