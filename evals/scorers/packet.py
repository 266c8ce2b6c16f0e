"""A hand-off stands where it should, with a packet that holds what a colleague needs.

packet: {state: queued or none, has: [field, ...], mentions: [pattern, ...], lacks: [pattern, ...]}
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from evals.record import Record
from evals.scorers.reading import dialogue, nothing_to_score, record, verdict


@scorer(metrics=[mean()])
def packet() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        wanted = dialogue(state).packet
        if not wanted:
            return nothing_to_score("the case has no packet")
        return verdict(list(_findings(wanted, record(state))), state)

    return score


def _findings(wanted: Mapping[str, Any], kept: Record) -> Iterator[str]:
    state = wanted.get("state", "queued")
    if kept.handoff != state:
        yield f"the hand-off is {kept.handoff}, not {state}"
        return
    text = json.dumps(kept.packet, ensure_ascii=False)
    yield from (f"the packet lacks {name}" for name in wanted.get("has", ()) if not kept.packet.get(name))
    yield from (f"the packet does not mention {p}" for p in wanted.get("mentions", ()) if not re.search(p, text, re.I))
    yield from (f"the packet holds {p}" for p in wanted.get("lacks", ()) if re.search(p, text, re.I))
