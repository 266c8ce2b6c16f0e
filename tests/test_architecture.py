"""Who may import whom, read off the syntax tree. docs/architecture.md draws it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("knowledge", "tools", "agent", "api", "evals")
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "tools": {"tools", "knowledge"},
    "agent": {"agent", "tools", "knowledge"},
    "api": {"api", "agent", "tools.domain", "tools.context", "knowledge.clause"},
    "evals": {"evals", "agent", "tools", "knowledge"},
}
ENTRY_POINTS = {"api/cli.py", *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("api/*_cli.py"))}
ADAPTERS = {"httpx", "chromadb", "azure", "sqlalchemy", "aiosqlite", "asyncpg", "alembic"}
ADAPTER_PLACES: tuple[str, ...] = (
    "agent/bootstrap.py",
    "agent/store/",
    "agent/events/",
    "agent/models.py",
    "api/auth/",
    "tools/clients/",
)
ADAPTER_PLACES += ("tools/sandbox/", *(f"knowledge/{name}.py" for name in ("chroma", "index", "library", "search")))
ADAPTER_PLACES += ("evals/", *sorted(ENTRY_POINTS))
SOURCES = sorted(path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports_of(source: str) -> Iterator[str]:
    """Every module a file imports, also late and for types only."""
    for node in ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def within(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_stands_below_it(package: str) -> None:
    wrong = [
        f"{source} imports {module}"
        for source in SOURCES
        if source.startswith(f"{package}/") and source not in ENTRY_POINTS
        for module in imports_of(source)
        if within(module, {*PACKAGES, "tests"}) and not within(module, MAY_IMPORT[package])
    ]
    assert wrong == []


def test_nobody_imports_the_entry_points_or_the_tests() -> None:
    wrong = [
        f"{source} imports {module}"
        for source in SOURCES
        for module in imports_of(source)
        if within(module, {"tests"}) or (within(module, {"api", "evals"}) and not source.startswith(("api/", "evals/")))
    ]
    assert wrong == []


def test_adapters_are_built_only_where_the_architecture_says() -> None:
    wrong = [
        f"{source} imports {module}"
        for source in SOURCES
        if not source.startswith(ADAPTER_PLACES)
        for module in imports_of(source)
        if within(module, ADAPTERS)
    ]
    assert wrong == []


@pytest.mark.parametrize("source", ["tools/domain/records.py", "knowledge/decide.py", "tools/domain/money.py"])
def test_the_pure_core_has_no_clock_no_logger_and_no_io(source: str) -> None:
    tree = ast.parse((ROOT / source).read_text(encoding="utf-8"))
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(tree))
    assert not within("logging", set(imports_of(source)))
    assert not any(isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow") for node in ast.walk(tree))
