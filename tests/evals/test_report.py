"""A run is kept as JSON, told as JUnit, and shown in one file that needs no network and believes nobody's words."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from evals.gate import Breach
from evals.junit import write_junit
from evals.record import Exchange, Record, ToolUse
from evals.report import report_html, write_report
from evals.results import SuiteResult, load, save
from tests.api.browsing import browsing, needs_chromium
from tests.evals.outcomes import outcome, result

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    tool = ToolUse(name="get_booking", arguments={"record_locator": "K7XQ2P"}, outcome="done", say="Here.", body=EVIL)
    card = {"summary": "Cancel", "status": "executed", "amounts": [], "clauses": []}
    record = Record(exchanges=[Exchange(said=EVIL, reply=EVIL, kind="answered", tools=[tool], card=card, claims=["c"])])
    save(
        tmp_path,
        [
            result(
                outcome("right", record=record.to_json(), case={"title": "A right one", "clause": "CXL-FLEX"}),
                outcome("wrong", passed=False, record=record.to_json(), blame="agent", case={"title": EVIL}),
                outcome("broken", passed=None, crashed="boom"),
            ),
            result(outcome("right", passed=False), agent="floor"),
        ],
        {"title": "A run", "breaches": ["selfservice: pass is 0.3, must be at least 0.9"]},
    )
    return tmp_path


def test_what_was_saved_is_loaded(run: Path) -> None:
    results, about = load(run)
    assert [one.name for one in results] == ["selfservice", "selfservice@floor"]
    assert results[0].sums()["crashed"] == 1
    assert about["title"] == "A run"


def test_the_report_tells_figures_tools_cards_and_the_gate(run: Path) -> None:
    page = report_html(run)
    for words in (
        "selfservice",
        "0.333",
        "get_booking",
        "K7XQ2P",
        "CXL-FLEX",
        "The gate is broken",
        "1 claim<",
        "<svg",
    ):
        assert words in page, words


def test_the_report_escapes_what_anybody_wrote_and_loads_nothing(run: Path) -> None:
    page = report_html(run)
    assert EVIL not in page
    assert page.count("<script>") == 1
    for outside in ("http://", "https://", "src=", "@import", "url("):
        assert outside not in page, outside


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        report_html(tmp_path)


def test_junit_tells_failures_errors_and_the_gate(run: Path, tmp_path: Path) -> None:
    results: list[SuiteResult] = load(run)[0]
    breach = Breach(suite="selfservice", figure="pass", got=0.3, wanted="at least 0.9")
    root = ElementTree.parse(write_junit(tmp_path, results, [breach])).getroot()  # noqa: S314 - written just now
    suite, gate = root.findall("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "selfservice",
        "3",
        "1",
        "1",
    )
    assert gate.find("testcase/failure") is not None


@needs_chromium
@pytest.mark.browser
async def test_the_report_opens_from_disk_and_filters_by_what_failed(run: Path) -> None:
    path = write_report(run)
    async with browsing(path.parent.as_uri(), width=1280) as page:
        await page.goto(path.as_uri())
        assert await page.get_by_role("row").count() == 2
        assert await page.locator(".scroll").evaluate("box => box.scrollWidth <= box.clientWidth")
        assert await page.locator("#count").inner_text() == "3 of 3 shown"
        await page.get_by_label("only what did not pass").check()
        assert await page.locator("#count").inner_text() == "2 of 3 shown"
        assert not await page.locator(".case.passed").is_visible()
        await page.get_by_placeholder("id or words").fill("broken")
        assert await page.locator("#count").inner_text() == "1 of 3 shown"
