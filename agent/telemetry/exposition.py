"""Metrics in Prometheus' text format (version 0.0.4)."""

from collections.abc import Iterator, Mapping

from opentelemetry.sdk.metrics.export import (
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    NumberDataPoint,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def expose(reader: InMemoryMetricReader, gauges: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """gauges: what is so right now, by name. labels: on every line, such as the process."""
    data = reader.get_metrics_data()
    lines = [
        line
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        if scope.scope.name == "concierge"
        for metric in scope.metrics
        for line in _metric(metric, labels)
    ]
    for name, value in gauges.items():
        lines += [f"# TYPE {name} gauge", f"{name}{_labels(labels)} {_number(value)}"]
    return "\n".join([*lines, ""])


def _metric(metric: Metric, labels: Mapping[str, str]) -> Iterator[str]:
    name = metric.name.replace(".", "_")
    if isinstance(metric.data, Histogram):
        yield f"# TYPE {name}_seconds histogram"
        for point in metric.data.data_points:
            yield from _histogram(f"{name}_seconds", point, labels)
        return
    yield f"# TYPE {name}_total counter"
    for each in metric.data.data_points:
        if isinstance(each, NumberDataPoint):
            yield f"{name}_total{_labels({**labels, **_text(each.attributes)})} {_number(each.value)}"


def _histogram(name: str, point: HistogramDataPoint, labels: Mapping[str, str]) -> Iterator[str]:
    own, reached = {**labels, **_text(point.attributes)}, 0
    for bound, count in zip([*point.explicit_bounds, float("inf")], point.bucket_counts, strict=True):
        reached += count
        yield f"{name}_bucket{_labels({**own, 'le': '+Inf' if bound == float('inf') else str(bound)})} {reached}"
    yield f"{name}_sum{_labels(own)} {_number(point.sum)}"
    yield f"{name}_count{_labels(own)} {point.count}"


def _text(attributes: Mapping[str, object] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (attributes or {}).items()}


def _labels(labels: Mapping[str, str]) -> str:
    written = ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return repr(float(value)) if value != int(value) else str(int(value))
