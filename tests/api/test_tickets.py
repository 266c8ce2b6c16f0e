"""A ticket opens one thing, once, for a short time, in any process of the home; who reads the folder has none."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.tickets import SECONDS, Tickets
from tests.conftest import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tickets(tmp_path: Path, clock: Clock) -> Tickets:
    return Tickets(tmp_path / "tickets", now=lambda: clock().timestamp())


def test_a_ticket_is_good_once(tickets: Tickets) -> None:
    ticket = tickets.issue("a run")
    assert tickets.redeem(ticket) == "a run"
    assert tickets.redeem(ticket) is None


def test_another_process_of_the_same_home_takes_it(tickets: Tickets, tmp_path: Path, clock: Clock) -> None:
    other = Tickets(tmp_path / "tickets", now=lambda: clock().timestamp())
    assert other.redeem(tickets.issue("a run")) == "a run"


def test_it_is_good_for_its_seconds_and_no_longer(tickets: Tickets, clock: Clock) -> None:
    first, second = tickets.issue("a run"), tickets.issue("a run")
    clock.pass_by(seconds=SECONDS)
    assert tickets.redeem(first) == "a run"
    clock.pass_by(seconds=1)
    assert tickets.redeem(second) is None


def test_what_nobody_used_is_swept_away(tickets: Tickets, tmp_path: Path, clock: Clock) -> None:
    tickets.issue("a run")
    clock.pass_by(seconds=SECONDS + 1)
    tickets.issue("another")
    assert len(list((tmp_path / "tickets").iterdir())) == 1


@pytest.mark.parametrize("invented", ["", ".", "..", "../tickets", "x" * 5000, "\x00", "é", "\ud800"])
def test_what_was_invented_opens_nothing(tickets: Tickets, invented: str) -> None:
    assert tickets.redeem(invented) is None


def test_the_folder_gives_no_ticket_away(tickets: Tickets, tmp_path: Path) -> None:
    ticket = tickets.issue("a run")
    (kept,) = (tmp_path / "tickets").iterdir()
    assert ticket not in kept.name + kept.read_text()
    assert tickets.redeem(kept.name) is None


def test_of_many_who_show_it_at_once_one_gets_in(tickets: Tickets) -> None:
    for _ in range(20):
        ticket = tickets.issue("a run")
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(tickets.redeem, [ticket] * 8)).count("a run") == 1
