"""One tree of faults, by who must act.

ConciergeError
├── Fault                  a dependency or the world misbehaved; the person gets a sentence
│   ├── ServiceUnavailable     no answer, 5xx, 429, cut or malformed: nothing is known to have happened
│   ├── OutcomeUnknown         a write was sent and no answer came: it may have happened
│   └── VersionConflict        412: the record changed since it was read
├── Refusal                a service said no, and will say so again
│   ├── NotFound               no such record, or not yours: the two look alike
│   └── Rejected               the service refuses this operation (422, 409)
└── SettingsError          the operator must change a setting; stops the start with one line

What the model may retry is no exception: tools answer with an outcome (tools/domain/outcomes.py).
"""


class ConciergeError(Exception):
    pass


class Fault(ConciergeError):
    def __init__(self, service: str, detail: str = "") -> None:
        super().__init__(f"{service}: {detail}" if detail else service)
        self.service = service
        self.detail = detail


class ServiceUnavailable(Fault):
    def __init__(self, service: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(service, detail)
        self.retry_after = retry_after
        """Seconds, when the service named them."""


class OutcomeUnknown(Fault):
    pass


class VersionConflict(Fault):
    pass


class Refusal(ConciergeError):
    def __init__(self, service: str, detail: str = "") -> None:
        super().__init__(f"{service}: {detail}" if detail else service)
        self.service = service
        self.detail = detail


class NotFound(Refusal):
    pass


class Rejected(Refusal):
    pass


class SettingsError(ConciergeError):
    pass
