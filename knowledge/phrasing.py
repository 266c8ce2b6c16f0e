"""Other words for questions: how customers put those that a clause answers, and those that none does."""

from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from knowledge.frontmatter import LintFinding, PackError, compose, plain, position

_ASKED_FILE = "asked.yaml"


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


def read_outside(airline: str) -> tuple[str, ...]:
    """Questions that no airline's policy answers, without those that name this airline itself."""
    text = (resources.files("knowledge") / "assets" / "outside.yaml").read_text(encoding="utf-8")
    node = compose(text, "outside.yaml")
    lines = _lines_of(plain(node)) if node else {}
    return tuple(line for group in lines.values() for line in group if line.casefold() not in airline.casefold())


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
