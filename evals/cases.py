"""Cases of a suite, read tolerantly from JSON Lines or YAML: what cannot be read is unscored, with its reason."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

SUITES = Path(__file__).parent / "suites"
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Unscored:
    """A line that could not be used, or a case that holds nothing to score."""

    where: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """The rows of one or more files, each with an `id`, and why any other line is unscored."""

    rows: tuple[Row, ...]
    unscored: tuple[Unscored, ...] = ()
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What the person says next, if `when` fits the last reply; press: the card's button instead of words."""

    when: str
    say: str = ""
    press: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """A scripted conversation and what is scored of it. Both must-lists of the file are words for a reader."""

    id: str
    title: str
    speaker: str
    needs: str
    turns: tuple[Turn, ...]
    goal: str = ""
    gold: tuple[Row, ...] | None = None
    forbidden: tuple[str, ...] = ()
    must_say: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()
    setup: Row | None = None
    check: Mapping[str, Any] = field(default_factory=dict)
    packet: Mapping[str, Any] = field(default_factory=dict)
    raw: Row = field(default_factory=dict, repr=False)

    @property
    def scored(self) -> bool:
        checks = (self.forbidden, self.must_say, self.must_not_say, self.check, self.packet)
        return self.gold is not None or any(checks)


def read_files(paths: Sequence[Path]) -> CaseFile:
    """Raises OSError for a file that cannot be had. The digest names exactly these cases."""
    rows: list[Row] = []
    unscored: list[Unscored] = []
    digest = hashlib.sha256()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        digest.update(text.encode())
        lines = _yaml_rows(text) if path.suffix in (".yaml", ".yml") else _json_rows(text)
        for number, row in lines:
            if isinstance(row, str):
                unscored.append(Unscored(where=f"{path.name}:{number}", reason=row))
            else:
                rows.append({**row, "id": str(row.get("id", f"{path.stem}:{number}"))})
    return CaseFile(rows=_unique(rows), unscored=tuple(unscored), digest=digest.hexdigest()[:16])


def suite_files(name: str, part: str | None = None) -> list[Path]:
    """The files of a suite; one part of it: dev or heldout."""
    return sorted(path for path in (SUITES / name).glob("*.jsonl") if part is None or path.stem.startswith(part))


def dialogue_of(row: Row) -> Dialogue:
    """One conversation from a row of either documented format. Raises ValueError when it has nothing to say."""
    turns = tuple(_turn(item, first=place == 0) for place, item in enumerate(row.get("turns") or ()))
    if not turns:
        raise ValueError("has no turns")
    gold = row.get("gold")
    return Dialogue(
        id=str(row["id"]),
        title=str(row.get("title") or row.get("class") or row["id"]),
        speaker=str(row.get("speaker") or "anonymous"),
        needs=str(row.get("needs") or ""),
        turns=turns,
        goal=str(row.get("goal") or ""),
        gold=tuple(gold) if isinstance(gold, list) else None,
        forbidden=_strings(row.get("forbidden")),
        must_say=_strings(row.get("must_say")),
        must_not_say=_strings(row.get("must_not_say")),
        setup=row.get("setup") if isinstance(row.get("setup"), dict) else None,
        check=_map(row.get("check")),
        packet=_map(row.get("packet")),
        raw=row,
    )


def _turn(item: object, *, first: bool) -> Turn:
    if isinstance(item, str):
        return Turn(when="start" if first else "any", say=item)
    if not isinstance(item, dict) or not ("say" in item or "press" in item):
        raise ValueError("has a turn without words")
    press = item.get("press")
    return Turn(
        when=str(item.get("when") or "any"), say=str(item.get("say") or ""), press=str(press) if press else None
    )


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> tuple[str, ...]:
    """A list of strings; in the safety format `forbidden` is words for a reader."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _json_rows(text: str) -> Iterator[tuple[int, Row | str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield number, f"not JSON: {error.msg}"
            continue
        yield number, row if isinstance(row, dict) else "not an object"


def _yaml_rows(text: str) -> Iterator[tuple[int, Row | str]]:
    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        yield 1, f"not YAML: {type(error).__name__}"
        return
    for number, row in enumerate(loaded if isinstance(loaded, list) else [], start=1):
        yield number, row if isinstance(row, dict) else "not an object"


def _unique(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Two cases of one name would count as trials of one."""
    seen: dict[str, int] = {}
    named = []
    for row in rows:
        count = seen[row["id"]] = seen.get(row["id"], 0) + 1
        named.append(row if count == 1 else {**row, "id": f"{row['id']}#{count}"})
    return tuple(named)
