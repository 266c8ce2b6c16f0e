"""A clause file's front matter: YAML 1.2 with the position of every value, and the prose below it.

Serving never runs a clause's cases, so their block is set apart and composed only on demand: pure-Python YAML is the
slowest step of loading a pack. With `ruamel.yaml.clib` installed the same reader runs on its C parser.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Plain: TypeAlias = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None

_FENCE = re.compile(r"^---[ \t]*$")
_TOP_KEY = re.compile(r"^([A-Za-z_][\w.]*):")
_CASE_KEYS = frozenset({"given", "cases"})
_INTEGER = re.compile(r"[-+]?\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Where a value stands in its file, counted from one."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LintFinding:
    """One thing wrong in a pack, and where."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class PackError(Exception):
    """A pack that cannot be served. Its text is one readable line; `findings` has them all."""

    def __init__(self, findings: list[LintFinding]) -> None:
        self.findings = findings
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{findings[0]}{more}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The text of a clause file, cut into its parts; blank lines stand in for what a part leaves out."""

    path: Path
    name: str
    head: str
    cases: str
    body: str
    body_line: int

    def finding(self, position: Position, message: str) -> LintFinding:
        return LintFinding(path=self.name, line=position.line, column=position.column, message=message)

    def fail(self, position: Position, message: str) -> PackError:
        return PackError([self.finding(position, message)])


def read_sheet(path: Path, root: Path) -> Sheet:
    """Cut a clause file into front matter without cases, cases, and prose. Findings name it from the pack's root."""
    name = path.relative_to(root).as_posix()
    lines = path.read_text(encoding="utf-8").split("\n")
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)][:2]
    if len(fences) < 2 or fences[0] != 0:
        where = LintFinding(path=name, line=1, column=1, message="a clause starts with front matter between ---")
        raise PackError([where])
    head, cases = _cut_cases(lines[: fences[1]])
    body = "\n".join(lines[fences[1] + 1 :])
    return Sheet(path=path, name=name, head=head, cases=cases, body=body, body_line=fences[1] + 2)


def _cut_cases(lines: list[str]) -> tuple[str, str]:
    head, cases, in_cases = [""], [""], False
    for line in lines[1:]:
        if key := _TOP_KEY.match(line):
            in_cases = key[1] in _CASE_KEYS
        head.append("" if in_cases else line)
        cases.append(line if in_cases else "")
    return "\n".join(head), "\n".join(cases)


def compose(text: str, name: str) -> Node | None:
    """Parse YAML 1.2 into nodes that know their position; a syntax error is a finding."""
    try:
        node: Node | None = YAML(typ="safe").compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"not readable as YAML: {error.problem or error.context}"
        raise PackError([LintFinding(path=name, line=line, column=column, message=message)]) from error
    return node


def position(node: Node) -> Position:
    return Position(line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def entries(node: Node, sheet: Sheet, what: str) -> Mapping[str, tuple[Node, Node]]:
    """The keys of a mapping with their key and value nodes; a second key of one name is refused."""
    if not isinstance(node, MappingNode):
        raise sheet.fail(position(node), f"{what} must be a mapping")
    found: dict[str, tuple[Node, Node]] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in found:
            raise sheet.fail(position(key), f"{name} is given twice")
        found[name] = (key, value)
    return found


def items(node: Node, sheet: Sheet, what: str) -> list[Node]:
    if not isinstance(node, SequenceNode):
        raise sheet.fail(position(node), f"{what} must be a list")
    return list(node.value)


def plain(node: Node) -> Plain:
    """A node as plain Python; numbers and booleans by YAML 1.2, everything else as text."""
    if isinstance(node, MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(value) for value in node.value]
    return _scalar(node)


def _scalar(node: Node) -> Plain:
    text = str(node.value)
    tag = str(node.tag).rsplit(":", 1)[-1]
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int" and _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if tag == "float" else text


def locate(node: Node, source: str, line: int, column: int) -> Position:
    """Where in the file a place inside a scalar's text stands, whatever the scalar's style or folding.

    `line` and `column` count from one within the scalar's value; blanks are skipped on both sides, since folding
    changes only them.
    """
    rows = str(node.value).split("\n")
    before = "".join(rows[: line - 1]) + rows[line - 1][: column - 1] if line <= len(rows) else "".join(rows)
    wanted = sum(not char.isspace() for char in before)
    for offset, char in _visible(node, source):
        if wanted == 0:
            return _position_at(source, offset)
        wanted -= not char.isspace()
    return position(node)


def _visible(node: Node, source: str) -> Iterator[tuple[int, str]]:
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        start = source.index("\n", start)
    elif isinstance(node, ScalarNode) and node.style in ("'", '"'):
        start += 1
    return ((offset, source[offset]) for offset in range(start, end) if not source[offset].isspace())


def _position_at(source: str, offset: int) -> Position:
    line_start = source.rfind("\n", 0, offset) + 1
    return Position(line=source.count("\n", 0, offset) + 1, column=offset - line_start + 1)
