"""Other words for questions: how customers put those that a clause answers, and those that none does."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from knowledge.frontmatter import LintFinding, PackError, compose, plain, position

_ASKED_FILE = "asked.yaml"
_WORD = re.compile(r"[^\W_]+")


def read_asked(folder: Path, clause_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Read a pack's phrasings by clause id; a pack without the file has none.

    Raises PackError for a clause that is not in the pack or a list that is not lines of text.
    """
    path = folder / _ASKED_FILE
    if not path.is_file():
        return {}
    node = compose(path.read_text(encoding="utf-8"), path.name)
    if node is None:
        return {}
    findings = list(_wrong(node, clause_ids))
    if findings:
        raise PackError(findings)
    return _lines_of(plain(node))


def lint_asked(folder: Path, clause_ids: Collection[str]) -> list[LintFinding]:
    """What is wrong with a pack's phrasings, with line and column."""
    try:
        read_asked(folder, clause_ids)
    except PackError as error:
        return error.findings
    return []


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What lies outside every policy: questions that no airline's policy answers, and the names of other airlines."""

    questions: tuple[str, ...] = ()
    airlines: tuple[str, ...] = ()

    def names_other_airline(self, question: str) -> bool:
        """Whether the question is about another airline by name."""
        said = f" {' '.join(_WORD.findall(question.casefold()))} "
        return any(f" {name} " in said for name in self.airlines)


def read_outside(airline: str) -> Outside:
    """What lies outside for one airline: its own name is no other's."""
    assets = resources.files("knowledge") / "assets"
    node = compose((assets / "outside.yaml").read_text(encoding="utf-8"), "outside.yaml")
    groups = _lines_of(plain(node)) if node else {}
    names = (assets / "airlines.txt").read_text(encoding="utf-8").split("\n")
    own = f" {airline.casefold()} "
    return Outside(
        questions=tuple(line for group in groups.values() for line in group),
        airlines=tuple(name for name in names if name and f" {name} " not in own),
    )


def _wrong(node: Node, clause_ids: Collection[str]) -> Iterator[LintFinding]:
    if not isinstance(node, MappingNode):
        yield _finding(node, "needs clause ids, each with lines of text")
        return
    for key, value in node.value:
        if key.value not in clause_ids:
            yield _finding(key, f"'{key.value}' is no clause of this pack")
        if not isinstance(value, ScalarNode) or not value.value.strip():
            yield _finding(value, f"'{key.value}' needs lines of text")


def _finding(node: Node, message: str) -> LintFinding:
    place = position(node)
    return LintFinding(path=_ASKED_FILE, line=place.line, column=place.column, message=message)


def _lines_of(groups: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(groups, dict):
        return {}
    return {
        str(name): tuple(line.strip() for line in str(text).splitlines() if line.strip())
        for name, text in groups.items()
    }
