"""One case under other names, in other languages and spellings: each played afresh, its decision kept beside the first.

variants: [{name: "Given Surname"}, {language: de, turns: [...]}, {spelling: "lower case", turns: [...]}]
"""

import json
from collections.abc import Mapping
from typing import Any

from evals.cases import Dialogue, dialogue_of
from evals.play import play, play_gold
from evals.record import Record
from evals.stage import Stage


async def play_variants(stage: Stage, dialogue: Dialogue, *, oracle: bool) -> Record:
    """The record of the case as it stands, with the decision of every variant."""
    first = await _one(stage, dialogue, {}, oracle=oracle)
    first.variants = [_variant("as it stands", first, {})]
    for variant in dialogue.raw.get("variants") or ():
        await stage.fresh()
        record = await _one(stage, dialogue, variant, oracle=oracle)
        first.variants.append(_variant(_label(variant), record, variant))
        first.exchanges += record.exchanges
    return first


async def _one(stage: Stage, dialogue: Dialogue, variant: Mapping[str, Any], *, oracle: bool) -> Record:
    """An oracle has nothing to tell apart: it decides by the gold actions, whoever asks and however."""
    raw = {key: value for key, value in dialogue.raw.items() if key != "variants"}
    if turns := variant.get("turns"):
        raw["turns"] = turns
    if oracle:
        return await play_gold(stage, dialogue_of(raw))
    return await play(stage, dialogue_of(raw), named=variant.get("name"))


def decision_of(record: Record) -> str:
    """What was decided: proposed with its amounts, done, or refused; when none of these, what was read."""
    cards = {
        json.dumps({"tool": c["tool"], "amounts": c["amounts"], "clauses": [x["clause_id"] for x in c["clauses"]]})
        for exchange in record.exchanges
        if (c := exchange.card)
    }
    kinds = {exchange.kind for exchange in record.exchanges} & {"refused", "human_needed"}
    done = [tool for tool in record.tools_done if tool != "send_code"]
    decided = {"cards": sorted(cards), "refused": sorted(kinds), "done": sorted(done)}
    uses = [use for exchange in record.exchanges for use in exchange.tools]
    read = sorted({use.name for use in uses if use.name == "get_booking" and use.outcome == "done"})
    return json.dumps(decided if any(decided.values()) else {"read": read})


def _variant(label: str, record: Record, variant: Mapping[str, Any]) -> dict[str, Any]:
    last = record.exchanges[-1].reply if record.exchanges else ""
    offered = record.handoff != "none" or "hand you over" in last or "colleague" in last
    return {
        "label": label,
        "decision": decision_of(record),
        "offered_person": offered and not record.proposed,
        "may_offer_person": "language" in variant,
    }


def _label(variant: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in variant.items() if key != "turns") or "reworded"
