"""What a model can do wrong, and how the ladder behaves then. docs/models.md holds the same table in words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import openai

FaultKind = Literal[
    "filtered",  # a content filter refused the prompt or stopped the reply
    "too_long",  # the prompt does not fit the model's window
    "rejected",  # any other 4xx: the request itself is wrong for this model
    "unauthorised",  # 401, 403
    "missing",  # 404: no such deployment or model
    "throttled",  # 429
    "broken",  # 5xx
    "unreachable",  # no connection
    "timed_out",  # no first token, or silence in mid-stream
    "cut",  # the stream broke, ended without a finish reason, or cannot be read
    "truncated",  # the model's own limit of tokens ended the reply
    "empty",  # neither text nor a call
    "malformed",  # calls whose arguments are no JSON, again after they were sent back
]


class ModelFault(Exception):
    """One attempt at one rung failed."""

    def __init__(self, kind: FaultKind, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind: FaultKind = kind
        self.detail = detail
        self.retry_after = retry_after
        """Seconds, when the server named them."""


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """again: the same rung is asked once more, if no other remote rung can be: `same` after a short pause, `alone` at
    once with this turn's messages only. rest: seconds during which nobody asks this rung. counts: three of these in a
    row let it rest as well. home: no other remote rung is asked, for it would do the same."""

    again: Literal["no", "same", "alone"] = "no"
    rest: float = 0.0
    counts: bool = True
    home: bool = False


CONDUCT: Mapping[FaultKind, Conduct] = {
    "filtered": Conduct(again="alone", counts=False, home=True),
    "too_long": Conduct(again="alone", counts=False),
    "rejected": Conduct(),
    "unauthorised": Conduct(rest=60.0),
    "missing": Conduct(rest=60.0),
    "throttled": Conduct(again="same", rest=5.0),
    "broken": Conduct(again="same"),
    "unreachable": Conduct(again="same"),
    "timed_out": Conduct(),
    "cut": Conduct(again="same"),
    "truncated": Conduct(counts=False),
    "empty": Conduct(counts=False),
    "malformed": Conduct(counts=False),
}

_BY_STATUS: Mapping[int, FaultKind] = {
    401: "unauthorised",
    403: "unauthorised",
    404: "missing",
    408: "broken",
    429: "throttled",
}
_TOO_LONG = ("context_length_exceeded", "context window", "maximum context length", "prompt is too long")


def read_fault(error: Exception) -> ModelFault:
    """What a failure of the client means."""
    if isinstance(error, openai.APIStatusError):
        return _read_status(error)
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return ModelFault("timed_out", "no answer in time")
    if isinstance(error, openai.APIConnectionError):
        # the cause tells a server that is not there from one that went away in the middle of its answer
        never = "connect" in type(error.__cause__).__name__.lower()
        return ModelFault("unreachable" if never else "cut", type(error.__cause__).__name__)
    if isinstance(error, openai.APIError):
        return ModelFault("filtered" if error.code == "content_filter" else "cut", error.message)
    return ModelFault("cut", f"a chunk that cannot be read ({type(error).__name__})")


def _read_status(error: openai.APIStatusError) -> ModelFault:
    status = error.status_code
    kind = _BY_STATUS.get(status) or ("broken" if status >= 500 else _read_refusal(error))
    return ModelFault(kind, error.message, retry_after=_retry_after(error) if kind == "throttled" else None)


def _read_refusal(error: openai.APIStatusError) -> FaultKind:
    if error.code == "content_filter" or "content management policy" in error.message:
        return "filtered"
    if error.code == "context_length_exceeded" or any(words in error.message for words in _TOO_LONG):
        return "too_long"
    return "rejected"


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Seconds; Azure also names milliseconds. A date says less than the default pause and is not read."""
    for header, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(error.response.headers.get(header, "")) * unit
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None
