"""One line a record on stdout, as text or JSON, where enterprise logging reads it; the collector gets the same.

An exception is told by its type and where it was raised: its message may hold somebody's data.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from opentelemetry import trace

from agent.telemetry.redaction import redact

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What is told of a record, redacted."""
    told: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": redact(record.getMessage()),
    }
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        told |= {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
    told |= {name: _shown(value) for name, value in vars(record).items() if name not in _OWN}
    if record.exc_info and record.exc_info[0] is not None:
        told["error"] = record.exc_info[0].__name__
        frames = traceback.extract_tb(record.exc_info[2])[-8:]
        told["stack"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return told


class Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields_of(record), ensure_ascii=False, separators=(",", ":"))


class Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = fields_of(record)
        head = f"{told.pop('time')} {told.pop('level')} {told.pop('logger')}: {told.pop('message')}"
        told.pop("span_id", None)
        return " ".join([head, *(f"{name}={value}" for name, value in told.items())])


def write_logs(style: str, level: str) -> None:
    """From now on, and for every library: nothing is logged around the redaction."""
    handler = logging.StreamHandler(sys.stdout if style == "json" else sys.stderr)
    handler.setFormatter(Json() if style == "json" else Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("concierge").setLevel(level)
    handler.addFilter(_wanted)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def _wanted(record: logging.LogRecord) -> bool:
    """A library may set its own level to DEBUG."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == "concierge"


def _shown(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(name): _shown(part) for name, part in value.items()}
    return redact(str(value))


def _short(path: str) -> str:
    return "/".join(path.split("/")[-3:])
