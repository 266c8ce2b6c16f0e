"""`concierge policy`: what a policy owner sees of the pack."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.policy_cli import app
from knowledge.pack import default_pack_path
from tests.knowledge.clauses import rule, write_clause

FJORD = Path(__file__).parents[1] / "knowledge" / "fjord"
CASES = """
cases:
  - {facts: {booking.group_size: 1}, expect: {effect: allow}}
  - {facts: {booking.group_size: 2}, expect: not_applicable}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def _facts_file(folder: Path, text: str) -> str:
    path = folder / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_list_shows_the_clauses_in_force_on_a_day() -> None:
    before = json.loads(_run("list", "--on", "2024-06-01", "--json").stdout)
    after = json.loads(_run("list", "--on", "2026-06-01", "--json").stdout)
    assert {row["version"] for row in before if row["id"] == "CXL-24H"} == {2}
    assert {row["version"] for row in after if row["id"] == "CXL-24H"} == {3}
    assert "CXL-24H" in _run("list").stdout


def test_show_gives_text_rules_and_history() -> None:
    shown = json.loads(_run("show", "CXL-24H", "--json").stdout)
    assert "24 hours" in shown["text"]
    assert shown["rules"][0]["effect"] == "allow"
    assert [version["version"] for version in shown["history"]] == [2, 3]
    assert "version 2: booked_on from 2023-06-01 until 2025-01-01" in _run("show", "CXL-24H").stdout
    assert _run("show", "NOPE").exit_code == 2


def test_facts_prints_the_vocabulary() -> None:
    named = {fact["name"] for fact in json.loads(_run("facts", "--json").stdout)}
    assert "booking.age" in named
    assert "booking.age" in _run("facts").stdout


def test_lint_exits_1_and_points_at_what_is_wrong(tmp_path: Path) -> None:
    assert _run("lint", str(FJORD)).exit_code == 0
    write_clause(tmp_path, "A", rule("booking.grup_size == 1", "allow") + CASES)
    done = _run("lint", str(tmp_path))
    assert done.exit_code == 1
    assert "A.v1.md:11:11: unknown fact 'booking.grup_size'" in done.stdout
    found = json.loads(_run("lint", str(tmp_path), "--json").stdout)
    assert (found[0]["line"], found[0]["column"]) == (11, 11)


def test_test_reports_cases_and_coverage(tmp_path: Path) -> None:
    assert "43 cases of 20 clauses" in _run("test", str(FJORD)).stdout
    write_clause(
        tmp_path, "A", rule("booking.group_size == 1", "allow") + CASES.replace("group_size: 2", "group_size: 1")
    )
    done = _run("test", str(tmp_path))
    assert done.exit_code == 1
    assert "never false: A v1 rule 1" in done.stdout


def test_explain_decides_from_a_file_of_facts(tmp_path: Path) -> None:
    given = _facts_file(tmp_path, "consent.wish: grant\npassenger.age_years: 15\n")
    done = json.loads(_run("explain", "set_consent", "--facts", given, "--json").stdout)
    assert (done["effect"], [ref["clause_id"] for ref in done["clauses"]]) == ("deny", ["CNS-CONSENT"])
    assert done["facts_used"]["passenger.age_years"] == "15"
    told = _run("explain", "set_consent", "--facts", given).stdout
    assert "CNS-CONSENT v1 holds by rule 2: deny" in told


@pytest.mark.parametrize(
    ("action", "text", "message"),
    [
        ("set_consent", "consent.wsh: grant", "unknown fact 'consent.wsh'"),
        ("set_consent", "consent.wish: 3", "consent.wish must be string, not 3"),
        ("set_consent", "{", "facts.yaml"),
        ("fly_to_the_moon", "consent.wish: grant", "no clause governs 'fly_to_the_moon'"),
    ],
)
def test_explain_says_what_it_cannot_read(tmp_path: Path, action: str, text: str, message: str) -> None:
    done = _run("explain", action, "--facts", _facts_file(tmp_path, text))
    assert done.exit_code == 2
    assert message in done.stderr


def test_explain_needs_one_source_of_facts() -> None:
    assert _run("explain", "set_consent").exit_code == 2


def test_explain_reads_a_booking_of_the_embedded_airline() -> None:
    done = json.loads(_run("explain", "cancel_booking", "--booking", "K7XQ2P", "--json").stdout)
    assert (done["effect"], done["missing"]) == ("allow", [])
    assert _run("explain", "cancel_booking", "--booking", "ZZZZZ9").exit_code == 1


def test_diff_counts_the_decisions_that_change_and_their_money(tmp_path: Path) -> None:
    new = tmp_path / "new"
    shutil.copytree(default_pack_path(), new)
    clause = new / "fares" / "CXL-CLASSIC.v1.md"
    clause.write_text(clause.read_text().replace("fee: 90 EUR", "fee: 70 EUR"))
    done = json.loads(_run("diff", str(default_pack_path()), str(new), "--size", "demo", "--json").stdout)
    assert done["changed"] > 0
    assert set(done["by_effect"]) == {"allow -> allow"}
    money = {row["name"]: row["minor"] for row in done["money"]}
    assert money["refund"] == -money["fee"] > 0
    assert len(done["examples"]) == 10


def test_a_pack_that_is_not_there_stops_with_one_line(tmp_path: Path) -> None:
    done = _run("list", "--pack", str(tmp_path / "nowhere"))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "the policy pack is not a folder" in done.stderr
