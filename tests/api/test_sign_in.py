"""Our pages as clients of an identity provider: authorization code with PKCE, in a real browser."""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.async_api import Page, expect

from agent.bootstrap import Platform
from agent.settings import Settings
from api.app import create_app
from api.auth.sign_in import build_sign_in
from tests.api.browsing import browsing, needs_chromium, say
from tests.api.conftest import served
from tests.api.fake import FakePlatform
from tests.identity import IdentityProvider, identity_provider


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


@asynccontextmanager
async def trusting(provider: IdentityProvider, platform: "Platform | FakePlatform") -> AsyncIterator[str]:
    """The application with sign-in at this provider; its address."""
    sign_in = build_sign_in(Settings(env="production", **provider.settings()))
    async with served(create_app(platform, sign_in)) as address:
        provider.customers.redirect_uris.add(f"{address}/")
        provider.staff.redirect_uris.add(f"{address}/desk")
        yield address
    await sign_in.close()


@pytest.fixture
async def address(provider: IdentityProvider, platform: FakePlatform) -> AsyncIterator[str]:
    async with trusting(provider, platform) as address:
        yield address


async def sign_in_as(page: Page, name: str) -> None:
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_role("link", name=name).click()


@pytest.mark.browser
@needs_chromium
async def test_a_customer_and_staff_sign_in_at_their_identity_providers(
    provider: IdentityProvider, real: Platform
) -> None:
    origin = provider.customers.issuer.removesuffix("/oauth2/customers")
    async with (
        trusting(provider, real) as address,
        browsing(address, also=(origin,)) as chat,
        browsing(address, also=(origin,)) as desk,
    ):
        await chat.goto("/")
        await say(chat, "How many cabin bags may I take?")
        await sign_in_as(chat, "Ada Lindqvist")
        await expect(chat.get_by_role("button", name="Sign out Ada Lindqvist")).to_be_visible()
        await expect(chat.locator(".said-assistant")).to_have_count(1)  # the anonymous conversation is hers now
        await say(chat, "Which bookings do I have?")
        await expect(chat.locator(".said-assistant").last).to_contain_text("K7XQ2P")
        assert chat.url == f"{address}/"  # neither code nor token is left in the address
        assert await chat.evaluate("sessionStorage.getItem('concierge.sign-in')") is None

        await desk.goto("/desk")
        await sign_in_as(desk, "Sara Lindner")
        await desk.locator("#line[data-state=live]").wait_for()
        await desk.get_by_role("button", name="Sign out").click()
        await expect(desk.get_by_role("heading", name="The desk is for staff")).to_be_visible()
    assert len(provider.staff.ended) == 1
    assert provider.customers.codes == provider.staff.codes == {}


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("code=stolen&state=somebody-elses", "not begun in this tab"),
        ("code=x&state={state}&iss=https://evil.example", "not begun in this tab"),
        ("error=access_denied&state={state}", "did not complete"),
        ("code=invented&state={state}", "did not complete"),
    ],
)
async def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    provider: IdentityProvider, address: str, fragment: str, said: str
) -> None:
    async with browsing(address, also=(provider.customers.issuer,)) as page:
        await page.goto("/")
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("link", name="Ada Lindqvist").wait_for()
        state = parse_qs(urlsplit(page.url).query)["state"][0]
        await page.goto(f"/#{fragment.format(state=state)}")
        await expect(page.get_by_role("alert")).to_contain_text(said)
        await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        assert await page.evaluate("sessionStorage.getItem('concierge.person')") is None


@pytest.mark.browser
@needs_chromium
async def test_a_code_exchanged_for_another_sign_in_signs_nobody_in(
    provider: IdentityProvider, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = provider.customers.id_token
    monkeypatch.setattr(provider.customers, "id_token", lambda name, nonce: honest(name, f"not {nonce}"))
    async with browsing(address, also=(provider.customers.issuer,)) as page:
        await page.goto("/")
        await sign_in_as(page, "Ada Lindqvist")
        await expect(page.get_by_role("alert")).to_contain_text("not begun in this tab")
        assert await page.evaluate("sessionStorage.getItem('concierge.person')") is None


async def test_a_page_may_call_its_own_provider_and_no_other(provider: IdentityProvider, address: str) -> None:
    own = provider.customers.issuer.removesuffix("/oauth2/customers")
    async with httpx.AsyncClient(base_url=address) as client:
        told = (await client.get("/v1/sign-in")).json()
        policies = {
            path: (await client.get(path)).headers["content-security-policy"]
            for path in ("/", "/desk", "/embed", "/web/chat.js")
        }
    assert told["customers"] == {
        "issuer": provider.customers.issuer,
        "client_id": "chat-page",
        "scope": "openid profile concierge",
    }
    assert told["staff"]["scope"] == "openid profile api://concierge-staff/.default"
    assert f"connect-src 'self' {own};" in policies["/"]
    assert f"connect-src 'self' {own};" in policies["/desk"]
    assert "connect-src 'self';" in policies["/embed"]
    assert "connect-src 'self';" in policies["/web/chat.js"]


@pytest.mark.parametrize(
    "form", [{"code_verifier": "x" * 43}, {"redirect_uri": "https://evil.example/"}, {"client_id": "other"}, {}]
)
async def test_the_test_provider_gives_a_token_for_the_right_verifier_only(
    provider: IdentityProvider, form: dict[str, str]
) -> None:
    """What the browser tests rely on: without PKCE there would be no token."""
    realm = provider.customers
    realm.redirect_uris.add("https://concierge.example/")
    verifier = "v" * 43
    asked = {
        "response_type": "code",
        "response_mode": "fragment",
        "client_id": "chat-page",
        "redirect_uri": "https://concierge.example/",
        "scope": "openid",
        "state": "s" * 43,
        "nonce": "n" * 43,
        "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
        "as": "Ada Lindqvist",
    }
    right = {"grant_type": "authorization_code", "client_id": "chat-page", "redirect_uri": asked["redirect_uri"]}
    async with httpx.AsyncClient(base_url=realm.issuer) as client:
        back = (await client.get(f"{realm.issuer}/authorize", params=asked)).headers["location"]
        code = parse_qs(urlsplit(back).fragment)["code"][0]
        shown = right | {"code": code, "code_verifier": verifier} | form
        answers = [(await client.post(f"{realm.issuer}/token", data=shown)).status_code for _ in range(2)]
    assert answers == [400, 400] if form else [200, 400]
