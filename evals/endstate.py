"""What changed at the services between two moments, in a form in which two runs of the same acts are equal."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tools.sandbox.held import BOOKINGS, CASES, CLAIMS, CONSENTS, NOTICES, PROFILES, REFUNDS
from tools.sandbox.store import Kind, Store

Picture = Mapping[str, str]
KINDS: tuple[Kind[Any], ...] = (BOOKINGS, PROFILES, CONSENTS, REFUNDS, CLAIMS, CASES, NOTICES)
_DRAWN = {
    "booking": ("version",),
    "profile": ("version",),
    "consent": ("version",),
    "refund": ("version", "refund_id", "reason"),
    "claim": ("version", "claim_id"),
    "case": ("version", "case_id", "conversation_id", "summary", "record_locator", "position"),
    "notice": ("notification_id",),
}
"""Fields that two right runs may differ in: drawn ids, versions, and free text in the person's own words."""
_CODES = "one_time_code"


def picture(store: Store) -> Picture:
    """Every record, by kind and key."""
    return {
        f"{kind.name}/{kind.id(record)}": kind.adapter.dump_json(record).decode()
        for kind in KINDS
        for record in store.all(kind)
    }


def changes(before: Picture, after: Picture) -> list[str]:
    """One line for each record made or changed: kind, key (`new` when it was made), and its fields."""
    return sorted(_changes(before, after))


def _changes(before: Picture, after: Picture) -> Iterator[str]:
    for key, body in after.items():
        kind = key.partition("/")[0]
        if before.get(key) == body:
            continue
        record = json.loads(body)
        if kind == "notice" and record["template"] == _CODES:
            continue
        name = key if key in before else f"{kind}/new"
        fields = _canonical(kind, record, made=key not in before)
        if key in before and fields == _canonical(kind, json.loads(before[key]), made=False):
            continue
        yield f"{name} {json.dumps(fields, sort_keys=True)}"
    yield from (f"{key} gone" for key in before if key not in after)


def _canonical(kind: str, record: dict[str, Any], *, made: bool) -> dict[str, Any]:
    for name in _DRAWN[kind]:
        record.pop(name, None)
    if kind == "booking":
        if made:
            record.pop("record_locator")
        for extra in record["ancillaries"]:
            extra.pop("ancillary_id")
    if kind == "claim":
        record["details"] = {name: value for name, value in record["details"].items() if name == "bag_tag"}
    if kind == "notice":
        record["text"] = record["parameters"] = ""
    return record


def differences(got: list[str], wanted: list[str]) -> list[str]:
    """What one run did and the other did not; empty when the services ended alike. Of a record that both runs
    changed, only the fields in which they differ."""
    have, want = Counter(got), Counter(wanted)
    extra, missing = list((have - want).elements()), list((want - have).elements())
    same = [(one, other) for one in extra for other in missing if _key(one) == _key(other)]
    told = [f"{_key(one)}: {_differing(one, other)}" for one, other in same]
    paired = {line for pair in same for line in pair}
    told += [f"not wanted: {line[:300]}" for line in extra if line not in paired]
    return told + [f"not done: {line[:300]}" for line in missing if line not in paired]


def _key(line: str) -> str:
    return line.partition(" ")[0]


def _differing(one: str, other: str) -> str:
    got, wanted = (json.loads(line.partition(" ")[2]) for line in (one, other))
    names = [name for name in wanted if got.get(name) != wanted[name]]
    return "; ".join(f"{name} is {got.get(name)}, not {wanted[name]}" for name in names)[:600]
