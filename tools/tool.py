"""What a tool is: a declaration the executor can judge. A tool holds no business rule and no identity.

A read answers through `read`. A write never writes when it is called: the executor makes a proposal of it, and only
when the person has confirmed does the executor run its `steps`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from knowledge.decide import Decision
from knowledge.values import Value
from tools.context import TurnContext
from tools.domain.outcomes import Event, Level, Outcome
from tools.domain.records import Booking, Passenger, Segment
from tools.ports import Write

Kind = Literal["read", "step_up", "control", "write"]
Provenance = Literal["record", "words", "typed", "choice", "quote"]
"""Where an argument must come from: a trusted field of a record; what the extractors find in the person's own words;
the same letters and digits in their words; a closed set the schema names; an exact piece of whole words of theirs."""


class Arguments(BaseModel):
    """The schema a model sees. It never names a person: who is speaking comes from the session."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    provenance: ClassVar[Mapping[str, Provenance]] = {}


FlightNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2} ?\d{1,4}[A-Za-z]?$")]
Airport = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$")]
"""An IATA code. What a tool repeats of its arguments must have a shape: it is read back as what the tool said."""


class NoArguments(Arguments):
    pass


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What the services say about the objects a call names: facts for the policy, and the exact values of the act.

    details are part of the proposal: if they differ when it is confirmed, nothing is executed.
    """

    facts: Mapping[str, Value] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    passengers: tuple[Passenger, ...] = ()
    """Whom the decision is about; it is taken for each and added up. Empty: the booking as a whole."""
    segment: Segment | None = None
    version: str | None = None
    """Of the record to be changed, when it is not the booking."""
    action: str | None = None
    """The governed action, when what was found makes it another than the tool's own."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that passed the gates before it: validated, identified, owned and (for a governed one) decided."""

    arguments: Any
    """An instance of the tool's own Arguments class."""
    turn: TurnContext
    booking: Booking | None = None
    resolution: Resolution = field(default_factory=Resolution)
    decision: Decision | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What it was decided on; of the first passenger, when it is about several."""

    def the_booking(self) -> Booking:
        if self.booking is None:
            raise LookupError("the tool declares no booking")
        return self.booking

    def the_decision(self) -> Decision:
        if self.decision is None:
            raise LookupError("the tool declares no governed action")
        return self.decision


@dataclass(frozen=True, kw_only=True)
class Order:
    """A confirmed proposal as its steps see it: nothing but what the person confirmed, so that sending a step again
    after a crash sends the very same request."""

    arguments: Any
    details: Mapping[str, str]
    amounts: Mapping[str, int]
    """Minor units by name."""
    currencies: Mapping[str, str]
    grants: Mapping[str, int]


Step = Callable[[Order, Write], Awaitable[str | None]]
"""Acts once at one service; returns the record's new version for the step after it."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    name: str
    description: str
    """Written for the model: when to use it, when not, one example."""
    arguments: type[Arguments] = NoArguments
    kind: Kind
    least: Level
    about_booking: bool = False
    """The arguments name a record locator; the executor reads that booking for the call."""
    action: str | None = None
    """The governed action the policy pack is asked about."""
    read: Callable[[Call], Awaitable[Outcome]] | None = None
    resolve: Callable[[Call], Awaitable[Resolution | Outcome]] | None = None
    """Reads what the arguments name; an outcome ends the call (no such flight, a fact to ask for)."""
    summary: Callable[[Call], str] | None = None
    receipt: Callable[[Call], str] | None = None
    phrase: Callable[[Call], str | None] | None = None
    """What cannot be undone needs the button or this phrase."""
    steps: tuple[Step, ...] = field(default=())
    event: Callable[[Order], Event] | None = None
    for_models: bool = True
    """False: only the deterministic reader calls it, and no model ever sees it."""
