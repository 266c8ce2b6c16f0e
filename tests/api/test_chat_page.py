"""The chat page in a real browser, over a small Concierge in memory."""

import re

import pytest
from playwright.async_api import Route, expect

from tests.api.browsing import browsing, needs_chromium, say
from tests.api.fake import ANNA, FakePlatform

pytestmark = [pytest.mark.browser, needs_chromium]
BAGS = "How many cabin bags may I take?"


async def test_an_answer_shows_its_clause_and_the_clause_can_be_read(server: str) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await page.get_by_role("button", name=BAGS).click()
        reply = page.locator(".said-assistant")
        await expect(reply.locator("strong")).to_have_text("one cabin bag")
        await expect(reply.locator("li").filter(has_text="fits under the seat")).to_be_visible()
        cite = reply.get_by_role("button", name="Policy: Cabin baggage")
        await cite.click()
        sheet = page.get_by_role("dialog", name="Cabin baggage")
        await expect(sheet).to_contain_text("version 2")
        await expect(sheet).to_contain_text("up to 8 kg")
        await page.keyboard.press("Escape")
        await expect(sheet).to_be_hidden()
        await expect(cite).to_be_focused()


async def test_a_proposal_is_confirmed_once_by_its_button(server: str, platform: FakePlatform) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await say(page, "Please cancel my booking")
        card = page.get_by_role("article", name=re.compile("Cancel booking K7XQ2P"))
        await expect(card).to_contain_text("€249.90")
        await expect(card).to_contain_text("Held until")
        assert platform.concierge.executed == []
        await card.get_by_role("button", name="Confirm").dblclick()
        await expect(card).to_contain_text("Done")
        await expect(page.locator(".said-assistant").last).to_contain_text("Booking K7XQ2P is cancelled")
        await expect(card.get_by_role("button", name="Confirm")).to_have_count(0)
        assert len(platform.concierge.executed) == 1


async def test_a_proposal_is_reached_and_declined_by_keyboard_alone(server: str, platform: FakePlatform) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await page.keyboard.type("Please cancel my booking")
        await page.keyboard.press("Enter")
        decline = page.get_by_role("button", name="Decline")
        await decline.wait_for()
        for _ in range(12):
            await page.keyboard.press("Shift+Tab")
            if await decline.evaluate("node => node === document.activeElement"):
                break
        await page.keyboard.press("Enter")
        await expect(page.locator(".stamp")).to_have_text("You declined: nothing was changed")
        assert platform.concierge.executed == []


async def test_a_gone_proposal_is_explained_and_replaced(server: str, platform: FakePlatform) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await say(page, "Please cancel my booking")
        [kept] = platform.concierge.kept.values()
        expired = kept.view.proposals[0].model_copy(update={"status": "expired"})
        kept.view = kept.view.model_copy(update={"proposals": (expired,)})
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("alert")).to_contain_text("expired, so nothing was done")
        await expect(page.locator(".pass")).to_have_count(2)
        await expect(page.get_by_role("button", name="Confirm")).to_have_count(1)


async def test_a_reload_brings_the_conversation_and_its_open_card_back(server: str) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await say(page, BAGS)
        await say(page, "Please cancel my booking with K7XQ2P")  # the proof rises, so the secret is rotated
        await page.reload()
        await expect(page.locator(".said-customer")).to_have_count(2)
        await expect(page.get_by_role("button", name="Confirm")).to_be_visible()
        await say(page, BAGS)
        await expect(page.locator(".said-customer")).to_have_count(3)
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_was_said_is_text_whatever_it_contains(server: str) -> None:
    attack = (
        "echo <img src=x onerror=alert(1)> **<b>bold</b>** [win](https://evil.example) [x](javascript:alert(1)) "
        "[rule](/v1/policies/BAG-CABIN) https://evil.example"
    )
    async with browsing(server) as page:
        await page.goto("/")
        await say(page, attack)
        reply = page.locator(".said-assistant .prose")
        await expect(reply).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b> [win](https://evil.example)")
        assert await reply.locator("a, img:not(.avatar), b, script").count() == 0
        await expect(reply.get_by_role("button", name="rule")).to_be_visible()


async def test_a_broken_connection_is_told_in_words_and_tried_again(server: str) -> None:
    attempts: list[str] = []

    async def fail_once(route: Route) -> None:
        attempts.append(route.request.headers["idempotency-key"])
        await (route.abort() if len(attempts) == 1 else route.continue_())

    async with browsing(server) as page:
        await page.route("**/messages", fail_once)
        await page.goto("/")
        await say(page, BAGS)
        await expect(page.get_by_role("alert")).to_contain_text("We cannot reach Concierge right now")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".said-assistant")).to_contain_text("one cabin bag")
        await expect(page.locator(".said-customer")).to_have_count(1)
        assert len(set(attempts)) == 1


async def test_an_anonymous_conversation_goes_on_after_signing_in(server: str, platform: FakePlatform) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await say(page, BAGS)
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("button", name=ANNA.name).click()
        await expect(page.get_by_role("button", name=f"Sign out {ANNA.name}")).to_be_visible()
        await expect(page.locator(".said-customer")).to_have_count(1)
        await say(page, BAGS)
        [kept] = platform.concierge.kept.values()
        assert kept.owner == ANNA.id


async def test_a_colleagues_words_arrive_live(server: str, platform: FakePlatform) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await say(page, "I want to talk to a person")
        await expect(page.locator("#handoff")).to_contain_text("Your place: 2.")
        platform.concierge.join(next(iter(platform.concierge.kept)), "Hello, this is Sara.")
        await expect(page.locator(".said-agent")).to_contain_text("Hello, this is Sara.")
        await expect(page.locator("#handoff")).to_contain_text("A colleague has joined")
        await expect(page.locator(".said-customer")).to_have_count(1)


async def test_too_long_a_message_cannot_be_sent(server: str) -> None:
    async with browsing(server) as page:
        await page.goto("/")
        await page.get_by_label("Your message").fill("x" * 4001)
        await expect(page.get_by_text("4,001 of 4,000")).to_be_visible()
        await expect(page.get_by_role("button", name="Send")).to_be_disabled()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nothing_is_cut_off_at_360_pixels(server: str, dark: bool) -> None:
    async with browsing(server, width=360, height=740, dark=dark) as page:
        for path in ("/", "/dev/login"):
            await page.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.goto("/")
        await say(page, "Please cancel my booking")
        await expect(page.get_by_role("button", name="Confirm")).to_be_in_viewport()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        assert await page.evaluate("document.querySelector('main').scrollWidth") <= 360
