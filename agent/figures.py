"""What is so right now, for /metrics: what waits, what is overdue, what works. Names no person."""

from collections.abc import Callable, Mapping
from datetime import datetime

from agent.events.metrics import EventMetrics
from agent.events.status import status_of
from agent.store.stores import Stores


async def figures_of(
    stores: Stores, events: EventMetrics, health: Mapping[str, str], clock: Callable[[], datetime]
) -> Mapping[str, float]:
    """health: each dependency by name. Without a database the rest is still told: that is when it is looked at."""
    working = {f"concierge_up_{name}": float(state == "ok") for name, state in health.items()}
    counted = {f"concierge_events_{_metric(name)}": float(value) for name, value in events.snapshot().items()}
    kept = await _kept(stores, clock) if health["database"] == "ok" else {}
    return {**working, **kept, **counted}


async def _kept(stores: Stores, clock: Callable[[], datetime]) -> Mapping[str, float]:
    status = await status_of(stores.database, address=None, clock=clock)
    return {
        "concierge_turns_waiting": float(await stores.turn_taking.waiting()),
        "concierge_outbox_waiting": float(status.outbox_waiting),
        "concierge_outbox_oldest_seconds": status.outbox_age_seconds,
        "concierge_effects_pending": float(status.effects.pending),
        "concierge_effects_overdue": float(status.effects.overdue),
        "concierge_effects_dead": float(status.effects.dead),
        "concierge_dead_letters": float(sum(status.dead_letters.values())),
    }


def _metric(name: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in name)
