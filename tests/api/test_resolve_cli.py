"""`concierge resolve`, over one home after another."""

import json
from pathlib import Path

from tests.api.conftest import Command
from tools.sandbox.people import EMMA


def test_options_are_printed_and_nothing_decided_is_told_as_such(concierge: Command, lived_in: Path) -> None:
    about = ("--booking", EMMA.locator, "--reason", "her flight was cancelled")
    told = concierge("resolve", *about, "--json", home=str(lived_in), sandbox_size="demo")
    assert told.code == 0, told.err
    resolution = json.loads(told.out)
    assert resolution["options"][0]["action"] == "rebook_disrupted"
    words = concierge("resolve", "--case", resolution["case_id"])
    assert "Rebook free of charge" in words.out
    assert "EC261-REROUTE v" in words.out
    rates = json.loads(concierge("resolve", "rates", "--json").out)
    assert rates == {"verdicts": 0, "options": [], "clauses": []}
    assert concierge("resolve", "export").out == ""


def test_an_unknown_case_is_code_one_and_no_case_at_all_is_wrong_usage(concierge: Command, lived_in: Path) -> None:
    unknown = concierge("resolve", "--case", "CS0", home=str(lived_in), sandbox_size="demo")
    assert unknown.code == 1
    assert "There is no such case" in unknown.err
    assert concierge("resolve").code == 2
    assert concierge("resolve", "rates", home=str(lived_in / "nowhere")).code == 2
