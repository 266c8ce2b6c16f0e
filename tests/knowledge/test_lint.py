"""What the lint refuses, and where it points."""

from pathlib import Path

import pytest

from knowledge.frontmatter import PackError
from knowledge.lint import lint
from knowledge.pack import load_pack
from tests.knowledge.clauses import rule, write_clause

TRUE_AND_FALSE = """
cases:
  - {facts: {booking.group_size: 1}, expect: {effect: allow}}
  - {facts: {booking.group_size: 2}, expect: not_applicable}
"""
SOUND = rule("booking.group_size == 1", "allow") + TRUE_AND_FALSE


def _messages(folder: Path) -> list[str]:
    return [str(finding) for finding in lint(folder)]


def test_a_sound_pack_has_no_findings(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", SOUND)
    assert _messages(tmp_path) == []


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        (rule("booking.grup_size == 1", "allow"), "A.v1.md:11:11: unknown fact 'booking.grup_size'"),
        (rule("booking.any_flown && booking.group_size", "allow"), "A.v1.md:11:29: found no matching overload"),
        (rule("booking.group_size", "allow"), "A.v1.md:11:11: gives int, but must give bool"),
        (rule("booking.age < term.window", "allow"), "A.v1.md:11:25: unknown term 'term.window'"),
        (rule("has(booking.age)", "allow"), "A.v1.md:11:11: has() is not allowed"),
        (rule("booking.any_flown", "permit"), "A.v1.md:12:13: effect must be one of allow, deny, needs_human"),
        (rule("booking.any_flown", "allow", "refund: booking.currency"), "A.v1.md:13:23: gives string, but must"),
        ("terms: {a: 1 EUR, b: 1 USD}\n" + rule("true", "allow", "x: term.a + term.b"), "mixes EUR and USD"),
        ("terms: {a: 1, a: 2}", "A.v1.md:10:15: a is given twice"),
        ("term: {a: 1}", "A.v1.md:10:1: unknown key 'term'"),
        ("terms: {a: 1", "not readable as YAML"),
        ("scope: {via: FRA}", "A.v1.md:10:9: unknown key 'via' in scope"),
    ],
)
def test_what_cannot_load_is_refused_with_its_place(tmp_path: Path, rest: str, found: str) -> None:
    write_clause(tmp_path, "A", rest)
    assert found in "\n".join(_messages(tmp_path))
    with pytest.raises(PackError) as error:
        load_pack(tmp_path)
    assert found in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        (rule("booking.group_size == 1", "allow"), "A.v1.md:2:1: A v1 has no cases"),
        (SOUND.replace("effect: allow}", "effect: deny}"), "A.v1.md:14:5: case 1 fails: effect is allow, not deny"),
        (SOUND.replace("group_size: 2", "grup_size: 2"), "A.v1.md:15:5: case 2: unknown fact 'booking.grup_size'"),
        (SOUND.replace("group_size: 2", "group_size: true"), "case 2: booking.group_size must be int, not True"),
        (SOUND.replace("== 1", "== 7"), "A.v1.md:11:33: the figure '7' stands in a rule: make it a term"),
        (
            SOUND.replace("effect: allow\n", "effect: allow\n    say: Pay 5 EUR.\n"),
            "the figure '5' stands",
        ),
        (SOUND.replace("effect: allow\n", "effect: allow\n    say: Pay {fee}.\n"), "nothing fills {fee}"),
        (
            SOUND.replace("booking.group_size == 1", 'booking.group_size == 1 || stated.reason == "illness"'),
            "A.v1.md:11:5: rule 1 allows on stated.reason, which is only stated: set on_statement",
        ),
    ],
)
def test_what_loads_but_is_wrong_is_found(tmp_path: Path, rest: str, found: str) -> None:
    write_clause(tmp_path, "A", rest)
    assert found in "\n".join(_messages(tmp_path))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Cancel within 24 hours.", "A.v1.md:17:15: the figure '24' stands in the prose: make it a term"),
        ("You may take two bags.", "A.v1.md:17:14: the figure 'two' stands in the prose"),
        ("It costs {fee}.", "A.v1.md:17:10: {fee} is not a term of this clause"),
    ],
)
def test_a_figure_in_the_prose_must_be_a_term(tmp_path: Path, body: str, found: str) -> None:
    write_clause(tmp_path, "A", SOUND, body)
    assert found in "\n".join(_messages(tmp_path))


@pytest.mark.parametrize(
    "body",
    [
        "See Article 7(1)(c) of Regulation (EC) No 261/2004.",
        "Section 19(1)(a) of SOR/2019-150 and 14 CFR 250.5(a) say so.",
        "By C-402/07 and the Montreal Convention of 1999, and clause CXL-24H.",
    ],
)
def test_a_citation_of_law_is_no_figure(tmp_path: Path, body: str) -> None:
    write_clause(tmp_path, "A", SOUND, body)
    assert _messages(tmp_path) == []


def test_one_clause_version_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    write_clause(tmp_path, "A", SOUND)
    write_clause(tmp_path / "copy", "A", SOUND)
    assert "A v1 also stands in A.v1.md" in "\n".join(_messages(tmp_path))


def test_overlapping_versions_are_refused(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", SOUND, until="2025-02-01")
    write_clause(tmp_path, "A", SOUND, version=2, start="2025-01-01")
    assert _messages(tmp_path) == ["A.v2.md:2:1: A v2 is in force together with A v1"]


def test_versions_that_follow_each_other_are_sound(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", SOUND, until="2025-01-01")
    write_clause(tmp_path, "A", SOUND, version=2, start="2025-01-01")
    assert _messages(tmp_path) == []


def test_an_override_must_exist_share_an_action_and_make_no_circle(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", SOUND, overrides="NOPE, B")
    write_clause(tmp_path, "B", SOUND, overrides="C")
    write_clause(tmp_path, "C", SOUND, overrides="A, D")
    write_clause(tmp_path, "D", SOUND, governs="change_flight")
    assert _messages(tmp_path) == [
        "A.v1.md:2:1: overrides 'NOPE', which does not exist",
        "A.v1.md:2:1: overrides go in a circle: A > B > C > A",
        "C.v1.md:2:1: overrides 'D', with which it has no action in common",
    ]


def test_a_carrier_deny_that_can_hold_beside_a_law_that_allows_is_refused(tmp_path: Path) -> None:
    write_clause(tmp_path, "LAW", SOUND, authority="EC261")
    write_clause(tmp_path, "OURS", SOUND.replace("allow", "deny"))
    assert "the carrier denies what law allows" in "\n".join(_messages(tmp_path))
    write_clause(tmp_path, "LAW", SOUND, authority="EC261", overrides="OURS")
    assert _messages(tmp_path) == []


def test_two_allows_with_different_amounts_are_found_from_their_cases(tmp_path: Path) -> None:
    cheap = rule("booking.group_size == 1", "allow", "refund: 0") + TRUE_AND_FALSE
    write_clause(tmp_path, "A", cheap)
    write_clause(tmp_path, "B", cheap.replace("refund: 0", "refund: 1"))
    assert "both grant refund, but not the same" in "\n".join(_messages(tmp_path))


def test_clauses_never_live_together_do_not_clash(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", SOUND, until="2025-01-01")
    write_clause(tmp_path, "B", SOUND.replace("allow", "deny"), start="2025-01-01")
    assert _messages(tmp_path) == []


def test_a_missing_pack_is_one_readable_line(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="the policy pack is not a folder"):
        load_pack(tmp_path / "nowhere")
    with pytest.raises(PackError, match="the policy pack holds no clauses"):
        load_pack(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "A.v1.md").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError, match="not readable as UTF-8"):
        load_pack(tmp_path)


def test_norway_stays_norway(tmp_path: Path) -> None:
    write_clause(tmp_path, "A", "terms: {lands: [NO, SE]}\n" + SOUND)
    assert load_pack(tmp_path).clauses[0].terms["lands"].value == ("NO", "SE")


def test_an_expression_folded_over_lines_is_placed_in_its_own_line(tmp_path: Path) -> None:
    folded = "rules:\n  - when: >-\n      booking.any_flown\n      && booking.nowhere\n    effect: allow"
    write_clause(tmp_path, "A", folded)
    assert _messages(tmp_path) == ["A.v1.md:13:10: unknown fact 'booking.nowhere'"]
