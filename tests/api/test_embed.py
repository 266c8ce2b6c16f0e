"""<concierge-chat> on a page of a second origin, which tries to do more than it may: it even opens the shadow root."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import expect
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from agent.settings import read_settings
from api.app import create_app
from api.auth.sign_in import SignIn
from tests.api.browsing import browsing, needs_chromium
from tests.api.conftest import served
from tests.api.fake import ANNA, FakePlatform
from tools.domain.errors import SettingsError

HOST = """<!doctype html><title>Shop</title><link rel="icon" href="data:,"><h1>A shop</h1>
<script>
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) {{
  const root = attach.call(this, {{...init, mode: "open"}});
  queueMicrotask(() => (window.stolen = root.querySelector("iframe")));
  return root;
}};
</script>
<script src="{home}/web/embed.js"></script><concierge-chat height="30rem"></concierge-chat>"""
MEDDLER = """<!doctype html><script>
const said = {{type: "concierge:person", token: "a.b.c", name: "Mallory"}};
parent.stolen.contentWindow.postMessage(said, "*");
</script>"""


@dataclass(frozen=True, kw_only=True)
class Embedded:
    host: str
    home: str


@pytest.fixture
async def embedded(platform: FakePlatform, sign_in: SignIn) -> AsyncIterator[Embedded]:
    """The host page's server, then ours, which lets it hold the chat."""

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse((MEDDLER if request.url.path == "/meddler" else HOST).format(home=homes[0]))

    homes: list[str] = []
    host_app = FastAPI(routes=[Route("/", page), Route("/meddler", page)])
    async with served(host_app) as host, served(create_app(platform, sign_in, embed_origins=(host,))) as home:
        homes.append(home)
        yield Embedded(host=host, home=home)


@pytest.mark.browser
@needs_chromium
async def test_the_page_around_neither_reads_nor_presses_and_the_person_does(
    embedded: Embedded, platform: FakePlatform, anna: dict[str, str]
) -> None:
    token = anna["Authorization"].removeprefix("Bearer ")
    async with browsing(embedded.host, also=(embedded.home,)) as page:
        await page.goto("/")
        sign_in = "([token, name]) => document.querySelector('concierge-chat').signIn({token, name})"
        await page.evaluate(sign_in, [token, ANNA.name])
        chat = next(frame for frame in page.frames if frame.url == f"{embedded.home}/embed")
        await expect(chat.get_by_role("heading", level=1)).to_contain_text("Hello Anna")
        await chat.get_by_label("Your message").fill("Please cancel my booking")
        await chat.get_by_label("Your message").press("Enter")
        confirm = chat.get_by_role("button", name="Confirm")
        await confirm.wait_for()
        for reach in ("document", "sessionStorage", "fetch", "location.href"):
            with pytest.raises(Exception, match=r"SecurityError|Blocked a frame"):
                await page.evaluate(f"window.stolen.contentWindow.{reach}")
        await page.evaluate("""() => {
            const element = document.querySelector('concierge-chat');
            const box = element.getBoundingClientRect();
            for (const type of ['pointerdown', 'click']) element.dispatchEvent(
              new MouseEvent(type, {bubbles: true, composed: true, clientX: box.x + 120, clientY: box.y + 200}));
            for (const type of ['confirm', 'concierge:confirm', 'click'])
              window.stolen.contentWindow.postMessage({type}, '*');
        }""")
        await expect(confirm).to_be_enabled()
        assert platform.concierge.executed == []
        await confirm.click()
        await expect(chat.locator(".pass")).to_contain_text("Done")
        assert len(platform.concierge.executed) == 1


@pytest.mark.browser
@needs_chromium
async def test_words_of_another_window_sign_nobody_in(embedded: Embedded) -> None:
    async with browsing(embedded.host, also=(embedded.home,)) as page:
        await page.goto("/")
        chat = next(frame for frame in page.frames if frame.url == f"{embedded.home}/embed")
        await chat.locator("#ideas button").first.wait_for()
        await page.evaluate("""() => new Promise((done) => {
            const frame = document.createElement('iframe');
            frame.src = '/meddler';
            frame.addEventListener('load', done);
            document.body.append(frame);
        })""")
        await chat.get_by_label("Your message").fill("How many cabin bags may I take?")
        await chat.get_by_label("Your message").press("Enter")
        await expect(chat.locator(".said-assistant")).to_contain_text("one cabin bag")
        await expect(chat.get_by_text("Mallory")).to_have_count(0)


async def test_only_the_named_origins_may_hold_the_chat_and_only_the_chat(embedded: Embedded) -> None:
    async with httpx.AsyncClient(base_url=embedded.home) as client:
        chat = (await client.get("/embed")).headers
        assert f"frame-ancestors {embedded.host};" in chat["content-security-policy"]
        assert "x-frame-options" not in chat
        for path in ("/", "/desk", "/dev/login"):
            headers = (await client.get(path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
        assert (await client.get("/web/embed.js")).headers["cross-origin-resource-policy"] == "cross-origin"


async def test_with_no_origin_named_nobody_may_hold_it(http: httpx.AsyncClient) -> None:
    assert "frame-ancestors 'none'" in (await http.get("/embed")).headers["content-security-policy"]


@pytest.mark.parametrize("wrong", ["*", "example.com", "http://example.com", "https://example.com/path", "https://a;b"])
def test_what_is_no_origin_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CONCIERGE_EMBED_ORIGINS", f"https://www.example.com, {wrong}")
    with pytest.raises(SettingsError, match="CONCIERGE_EMBED_ORIGINS"):
        read_settings()
