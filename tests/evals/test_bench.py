"""What `make bench` measures is named on its command line, or all of it is."""

import pytest

from evals.bench import NAMES, parse


def test_without_a_name_everything_is_measured() -> None:
    assert parse([]) == list(NAMES)


def test_parts_are_chosen_by_name() -> None:
    assert parse(["bench_policy", "bench_turns"]) == ["bench_policy", "bench_turns"]


def test_an_unknown_part_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["bench_trains"])
    assert f"'bench_trains' is none of {', '.join(NAMES)}" in capsys.readouterr().err
