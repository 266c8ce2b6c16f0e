"""What a customer in the benchmark's runner is shown before a write: the exact call, its money, why it is allowed."""

import copy
from collections.abc import Mapping
from typing import Any

from evals.tau.acts import ACTS
from evals.tau.facts import World
from evals.tau.lines import Act

YES = {
    "cancel_reservation": {"cancel"},
    "update_reservation_flights": {"change", "move", "update"},
    "update_reservation_baggages": {"add", "change", "update"},
    "update_reservation_passengers": {"change", "correct", "fix", "update"},
    "book_reservation": {"book", "buy"},
    "send_certificate": {"send"},
}
"""The verbs that a yes to each write may name."""


def card(act: Act, world: World, say: str) -> str:
    """Raises Impossible where the benchmark's own tool would fail."""
    lines = [f"- {name.replace('_', ' ')}: {_shown(value)}" for name, value in act.arguments.items()]
    money = [
        f"- {'refund' if paid < 0 else 'charge'} to {method}: {abs(paid):g} USD" for method, paid in _paid(act, world)
    ]
    what = act.name.replace("_", " ")
    asked = "Please answer with yes if I shall do exactly this. Anything else leaves everything as it is."
    return "\n".join([f"This is what I would do ({what}):", *lines, *money, say, asked])


def _paid(act: Act, world: World) -> list[tuple[str, float]]:
    """What the act adds to the payments of its reservation."""
    after, name = copy.deepcopy(world), str(act.arguments.get("reservation_id"))
    ACTS[act.name](after, act.arguments)
    before = len(world.reservations.get(name, {}).get("payment_history", ()))
    new = after.reservations.get(name, {}).get("payment_history", ())[before:]
    return [(str(payment["payment_id"]), float(payment["amount"])) for payment in new]


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(held) for held in value.values())
    if isinstance(value, list | tuple):
        return "; ".join(_shown(item) for item in value)
    return str(value)
