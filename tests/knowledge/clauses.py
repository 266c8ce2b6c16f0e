"""Writes small policy packs for tests."""

from pathlib import Path

from knowledge.pack import PolicyPack, load_pack

HEAD = """---
id: {id}
version: {version}
title: {title}
effective: {{basis: {basis}, from: {start}{until}}}
authority: {authority}
audience: {audience}
governs: [{governs}]
overrides: [{overrides}]
"""


def write_clause(
    folder: Path,
    id: str,
    rest: str = "",
    body: str = "Wording.",
    *,
    version: int = 1,
    title: str = "A clause",
    basis: str = "today",
    start: str = "2024-01-01",
    until: str = "",
    authority: str = "carrier",
    audience: str = "customer",
    governs: str = "cancel_booking",
    overrides: str = "",
) -> Path:
    """Write one clause file; `rest` is the YAML below the usual keys, from terms to cases."""
    head = HEAD.format(
        id=id,
        version=version,
        title=title,
        basis=basis,
        start=start,
        until=f", until: {until}" if until else "",
        authority=authority,
        audience=audience,
        governs=governs,
        overrides=overrides,
    )
    path = folder / f"{id}.v{version}.md"
    path.write_text(f"{head}{rest.strip()}\n---\n{body}\n", encoding="utf-8")
    return path


def rule(when: str, effect: str, amounts: str = "") -> str:
    """The YAML of a clause with one rule and one case that reaches it, facts permitting."""
    lines = ["rules:", f"  - when: {when}", f"    effect: {effect}"]
    return "\n".join([*lines, f"    amounts: {{{amounts}}}"] if amounts else lines)


def pack_of(folder: Path, *clauses: tuple[str, str, str, str]) -> PolicyPack:
    """A pack of one-rule clauses: (id, state, effect, overrides); the state is T holds, U unknown or F false.

    The effect may carry amounts: "allow refund: 100".
    """
    conditions = {"T": "booking.group_size == 1", "U": "booking.any_flown", "F": "booking.group_size == 0"}
    for name, state, effect, overrides in clauses:
        verb, _, amounts = effect.partition(" ")
        write_clause(folder, name, rule(conditions[state], verb, amounts), overrides=overrides)
    return load_pack(folder)
