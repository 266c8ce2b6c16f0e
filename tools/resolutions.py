"""What can be done about a booking that went wrong, as the customer may see it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from knowledge.clause import ClauseRef
from tools.booking import OneBooking
from tools.context import TurnContext
from tools.domain.outcomes import Done, Outcome
from tools.domain.records import Booking
from tools.tool import Call, Tool

NOT_POSSIBLE = "\nThis is not possible:\n"
"""What parts the options from what is refused; the claims check reads it too."""


class CustomerOptions(Protocol):
    """The options of a situation, already judged: what is possible, under which clause, what is missing."""

    @property
    def title(self) -> str: ...
    @property
    def possible(self) -> Sequence[str]: ...
    @property
    def impossible(self) -> Sequence[str]: ...
    @property
    def clauses(self) -> tuple[ClauseRef, ...]: ...
    @property
    def data(self) -> Mapping[str, object]: ...


Ask = Callable[[Booking, TurnContext], Awaitable[CustomerOptions]]


def resolution_tools(ask: Ask) -> tuple[Tool, ...]:
    async def list_resolutions(call: Call) -> Outcome:
        options = await ask(call.the_booking(), call.turn)
        lines = [f"- {line}" for line in options.possible] or ["- Nothing that I can do by our rules."]
        say = f"{options.title}. This is possible:\n" + "\n".join(lines)
        if options.impossible:
            say += NOT_POSSIBLE + "\n".join(f"- {line}" for line in options.impossible)
        return Done(say=say, clauses=options.clauses, data=options.data)

    return (
        Tool(
            name="list_resolutions",
            description=(
                "Lists what can be done about a booking that went wrong (cancelled, late, lost bag ...), each option "
                "with its clause. Use it when the person asks what their options or rights are for a booking. "
                "Example: record_locator 'K7XQ2P'."
            ),
            arguments=OneBooking,
            kind="read",
            least="booking",
            about_booking=True,
            read=list_resolutions,
        ),
    )
