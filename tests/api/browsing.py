"""Headless Chromium for tests of the pages."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE = 20_000
"""Milliseconds for what a page does: a busy machine is no failure."""
expect.set_options(timeout=_PATIENCE)


@asynccontextmanager
async def browsing(
    base_url: str,
    *,
    width: int = 1200,
    height: int = 850,
    dark: bool = False,
    also: tuple[str, ...] = (),
    refused: str = "",
) -> AsyncIterator[Page]:
    """A page that must not log an error, break the Content-Security-Policy or load anything from elsewhere.

    refused: what the policy is meant to refuse, in the browser's words.
    """
    troubles: list[str] = []
    homes = (base_url, *also)

    def log(message: ConsoleMessage) -> None:
        wanted = "Failed to load resource" in message.text or (refused and refused in message.text)
        if message.type == "error" and not wanted:
            troubles.append(message.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        context = await browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
        )
        page = await context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("console", log)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(homes) else troubles.append(request.url))
        yield page
        await browser.close()
    assert not troubles, troubles


async def say(page: Page, text: str) -> None:
    """Writes once the page listens, and waits for the answer."""
    await page.locator("#thread[aria-busy=false]").wait_for(state="attached")
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")
    await page.locator("#thread[aria-busy=false]").wait_for()
