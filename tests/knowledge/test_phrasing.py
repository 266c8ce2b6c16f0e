"""A pack says how customers ask; what lies outside is known for every airline but its own name."""

from pathlib import Path

import pytest

from knowledge.frontmatter import PackError
from knowledge.pack import PolicyPack
from knowledge.phrasing import lint_asked, read_asked, read_outside


def written(folder: Path, text: str) -> Path:
    (folder / "asked.yaml").write_text(text, encoding="utf-8")
    return folder


def test_phrasings_are_lines_by_clause(tmp_path: Path) -> None:
    folder = written(tmp_path, "A-1: |\n  may I\n\n  can I: really\nA-2: |\n  no\n")
    assert read_asked(folder, {"A-1", "A-2"}) == {"A-1": ("may I", "can I: really"), "A-2": ("no",)}


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_has_no_phrasings(tmp_path: Path, text: str) -> None:
    assert read_asked(written(tmp_path, text), {"A-1"}) == {}


def test_a_pack_without_the_file_has_no_phrasings(tmp_path: Path) -> None:
    assert read_asked(tmp_path, {"A-1"}) == {}


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("A-1: |\n  may I\nB-9: |\n  who\n", 3, 1, "'B-9' is no clause"),
        ("A-1:\n  - may I\n", 2, 3, "needs lines of text"),
        ("- A-1\n", 1, 1, "needs clause ids"),
        ("A-1: [\n", 2, 1, "not readable as YAML"),
    ],
)
def test_what_is_wrong_is_found_with_its_place(tmp_path: Path, text: str, line: int, column: int, message: str) -> None:
    (finding,) = lint_asked(written(tmp_path, text), {"A-1"})
    assert (finding.path, finding.line, finding.column) == ("asked.yaml", line, column)
    assert message in finding.message
    with pytest.raises(PackError, match=r"asked\.yaml"):
        read_asked(tmp_path, {"A-1"})


def test_the_pack_that_ships_is_phrased_without_fault(pack: PolicyPack) -> None:
    assert lint_asked(pack.path, {clause.id for clause in pack.clauses}) == []


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("How much is a bag with Ryanair?", True),
        ("is my united ticket changeable", True),
        ("flights to the United States", False),
        ("delta", True),
        ("the deltas of the fares", False),
        ("my Gamma Airways booking", False),
    ],
)
def test_another_airline_is_recognised_by_name(question: str, other: bool) -> None:
    assert read_outside("Gamma Airways").names_other_airline(question) is other


def test_the_name_of_the_pack_s_own_airline_is_no_other_airline() -> None:
    assert not read_outside("Finnair").names_other_airline("my Finnair booking")
    assert read_outside("Finnair").names_other_airline("my KLM booking")
