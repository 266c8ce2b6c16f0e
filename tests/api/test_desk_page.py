"""The desk in a real browser beside the customer's chat: the whole story, two agents at once, a lost connection."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from agent.bootstrap import Platform
from tests.api.browsing import browsing, needs_chromium, say
from tests.api.conftest import signed_in
from tests.api.test_desk import ANNA, PERSON, hand_over, pop_up
from tools.domain.ids import RecordLocator
from tools.ports import Subject
from tools.sandbox.people import ADA, EMMA, JONAS, OMAR, Persona

pytestmark = [pytest.mark.browser, needs_chromium]
REPLY = "I can put you on another flight today, free of charge. Shall I?"


@asynccontextmanager
async def at_desk(address: str, name: str, **more: Any) -> AsyncIterator[Page]:
    async with browsing(address, width=1440, height=860, **more) as page:
        await page.goto("/dev/login")
        await page.get_by_role("button", name=name).click()
        await page.locator("#line[data-state=live]").wait_for()
        yield page


@asynccontextmanager
async def at_chat(address: str, persona: Persona, **more: Any) -> AsyncIterator[Page]:
    async with browsing(address, width=1100, height=900, **more) as page:
        await page.goto("/dev/login")
        await page.get_by_role("button", name=f"{persona.given_name} {persona.surname}").click()
        yield page


async def assert_accessible(page: Page) -> None:
    found = await Axe().run(page)
    serious = [
        f"{v['id']}: {v['nodes'][0]['html'][:160]}"
        for v in found.response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious, serious


async def picture(page: Page, folder: Path | None, name: str) -> None:
    if folder is not None:
        await page.screenshot(path=folder / name)


async def held_back(page: Page, url: str) -> asyncio.Event:
    """The page's calls of this address get no further until the event is set."""
    let_go = asyncio.Event()

    async def wait(route: Route) -> None:
        await let_go.wait()
        await route.continue_()

    await page.route(url, wait)
    return let_go


@pytest.fixture
def pictures(pytestconfig: pytest.Config) -> Path | None:
    """Where `--pictures DIR` wants them."""
    folder = pytestconfig.getoption("--pictures")
    return Path(folder) if folder else None


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_customer_is_refused_asks_for_a_person_and_is_helped(
    address: str, real: Platform, dark: bool, pictures: Path | None
) -> None:
    look = "dark" if dark else "light"
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(at_desk(address, "Anna Berger", dark=dark))
        chat = await stack.enter_async_context(at_chat(address, OMAR, dark=dark))
        await refused(chat)
        await taken_over(desk, chat)
        await read_the_clause(desk)
        await talked(desk, chat)
        await accepted_in_own_words(desk, chat, pictures, look)
        await confirmed(desk, chat, real)
        await closed(desk, chat)


async def refused(chat: Page) -> None:
    await say(chat, f"Pay me compensation for the delay of my flight {OMAR.locator}")
    await expect(chat.locator(".said-assistant").last).to_contain_text("no compensation is due")
    await say(chat, PERSON)
    await expect(chat.locator("#handoff")).to_contain_text("You are in the queue")


async def taken_over(desk: Page, chat: Page) -> None:
    news = desk.get_by_role("status").filter(has_text="A customer asks for a person")
    await news.get_by_role("button", name="Take over").click()
    await expect(desk.locator("#case-head")).to_contain_text("Give back")
    await expect(desk.locator("#talk")).to_contain_text("no compensation is due")
    await expect(desk.locator("#customer")).to_contain_text("Omar Hassan")
    await expect(chat.locator("#handoff")).to_contain_text("A colleague has joined")


async def read_the_clause(desk: Page) -> None:
    option = desk.locator(".option-open")
    await expect(option).to_contain_text("Rebook free of charge")
    await option.locator(".clause").first.hover()
    await expect(option.get_by_role("tooltip").first).to_contain_text("Free rebooking after a disruption")
    await option.get_by_role("button", name=re.compile("RBK-OWN")).click()
    await expect(desk.get_by_role("dialog")).to_contain_text("RBK-OWN")
    await desk.keyboard.press("Escape")
    refused = desk.locator(".other").filter(has_text="Pay compensation")
    await expect(refused).to_contain_text("CMP-CAUSE")
    await expect(refused.get_by_role("button", name="Accept")).to_have_count(0)
    await desk.mouse.move(5, 5)


async def talked(desk: Page, chat: Page) -> None:
    await desk.locator("#case").focus()
    await desk.keyboard.press("m")
    await desk.keyboard.type("Hello Omar, this is Anna. Let me see what I can do.")
    await desk.keyboard.press("Enter")
    await expect(chat.locator(".said-agent")).to_contain_text("this is Anna")
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("n")
    await desk.keyboard.type("Needs to be in Dublin tonight.")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".said-note")).to_contain_text("Needs to be in Dublin tonight.")
    await say(chat, "Thank you Anna!")
    await expect(desk.locator(".said-customer").last).to_contain_text("Thank you Anna!")
    await expect(chat.get_by_text("Dublin tonight")).to_have_count(0)


async def accepted_in_own_words(desk: Page, chat: Page, pictures: Path | None, look: str) -> None:
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("e")
    await desk.keyboard.press("Control+a")
    await desk.keyboard.type(REPLY)
    await assert_accessible(desk)
    await picture(desk, pictures, f"desk-{look}.png")
    option = desk.locator(".option-open")
    await option.get_by_role("button", name="Send edited").click()
    await expect(option).to_contain_text("Accepted with your words. Waiting for the customer.")
    await expect(chat.locator(".said-agent").last).to_contain_text(REPLY)
    await expect(chat.locator(".pass")).to_contain_text("For you to confirm")
    await assert_accessible(chat)
    await picture(chat, pictures, f"chat-{look}.png")


async def confirmed(desk: Page, chat: Page, real: Platform) -> None:
    card = chat.locator(".pass")
    before = await flight_of(real, OMAR)
    await card.get_by_role("button", name="Confirm").click()
    await expect(card).to_contain_text("Done")
    after = await flight_of(real, OMAR)
    assert before != after
    await expect(desk.locator(".card-executed")).to_contain_text("Done")
    await expect(desk.locator("#customer")).to_contain_text(after)


async def closed(desk: Page, chat: Page) -> None:
    await desk.locator("#case").focus()
    await desk.keyboard.press("x")
    await expect(desk.locator("#case-title")).to_have_text("No case is open")
    await expect(chat.locator(".said-system").last).to_contain_text("closed this case")
    await desk.get_by_role("button", name="Rates").click()
    await expect(desk.get_by_role("row", name=re.compile("rebook disrupted 1 0% 100% 0%"))).to_be_visible()
    await assert_accessible(desk)


async def flight_of(real: Platform, persona: Persona) -> str:
    booking = await real.services.booking.get(RecordLocator(persona.locator), subject=Subject("system"))
    return booking.segments[0].flight_number


async def test_two_agents_see_one_queue_and_only_one_gets_the_case(address: str) -> None:
    async with AsyncExitStack() as stack:
        anna = await stack.enter_async_context(at_desk(address, "Anna Berger"))
        ben = await stack.enter_async_context(at_desk(address, "Ben Carter"))
        emma = await stack.enter_async_context(signed_in(address, EMMA.customer_id))
        _, case_id = await hand_over(emma)
        for page in (anna, ben):
            await page.locator(f'[data-case="{case_id}"]').click()
            await page.locator("[data-act='Take over']").wait_for()
        await ben.route("**/v1/cases", lambda route: route.abort())
        await anna.keyboard.press("t")
        await expect(anna.locator("#composer")).to_be_visible()
        await expect(ben.locator("#case-head")).to_contain_text("agent-anna has this case")
        await ben.keyboard.press("t")
        await expect(ben.get_by_role("alert")).to_contain_text("assigned by agent-anna")
        await expect(ben.locator("#composer")).to_be_hidden()
        await expect(ben.locator("#options")).to_contain_text("Take the case over to act on it.")
        await anna.keyboard.press("g")
        await expect(ben.locator("[data-act='Take over']")).to_be_visible()


async def test_after_a_lost_connection_nothing_is_missing(address: str, real: Platform) -> None:
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(at_desk(address, "Anna Berger"))
        emma = await stack.enter_async_context(signed_in(address, EMMA.customer_id))
        conversation, case_id = await hand_over(emma)
        await desk.locator(f'[data-case="{case_id}"]').click()
        await desk.keyboard.press("t")
        await desk.locator("#composer").wait_for()
        await desk.context.set_offline(True)
        await expect(desk.locator("#line")).to_contain_text("Connection lost")
        await emma.post(f"/v1/conversations/{conversation}/messages", json={"text": "Are you still there?"})
        await pop_up(real, "call-9", ANNA, JONAS)
        async with signed_in(address, JONAS.customer_id) as jonas:
            _, other = await hand_over(jonas)
        await desk.context.set_offline(False)
        await expect(desk.locator("#line")).to_contain_text("Live")
        await expect(desk.locator(".said-customer").last).to_contain_text("Are you still there?")
        await expect(desk.locator(f'[data-case="{other}"]')).to_be_visible()
        await expect(desk.get_by_role("alert").filter(has_text="not verified")).to_contain_text("Call from ••• 05")


async def test_a_caller_is_served_from_the_keyboard_and_a_reload_keeps_the_case(address: str) -> None:
    async with at_desk(address, "Anna Berger") as desk:
        await desk.keyboard.press("?")
        await expect(desk.get_by_role("dialog", name="Keys")).to_contain_text("Take over the case")
        await desk.keyboard.press("Escape")
        await desk.keyboard.press("/")
        await desk.keyboard.type(JONAS.locator)
        await desk.keyboard.press("Tab")
        await desk.keyboard.type("Calls because he booked the same trip twice")
        await desk.keyboard.press("Enter")
        await expect(desk.locator("#case-head")).to_contain_text("Give back")
        await expect(desk.locator("#customer")).to_contain_text("J••• W•••")
        await expect(desk.locator("#customer")).not_to_contain_text("Weber")
        refused = desk.locator(".other").filter(has_text="CXL-LIGHT")
        await expect(refused).to_contain_text("not eligible")
        assert await refused.get_by_role("button", name="Accept").count() == 0
        await desk.reload()
        await expect(desk.locator("#case-head")).to_contain_text("Give back")


async def test_the_desk_is_closed_to_customers_and_to_nobody_in_particular(address: str) -> None:
    async with browsing(address) as page:
        await page.goto("/desk")
        await expect(page.get_by_role("heading", name="The desk is for staff")).to_be_visible()
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("button", name="Emma Novak").click()
        await page.get_by_role("button", name="Sign out Emma Novak").wait_for()
        await page.goto("/desk")
        await expect(page.get_by_text("Emma Novak is not on the contact centre's staff.")).to_be_visible()


async def test_the_desk_fits_a_small_screen(address: str) -> None:
    async with browsing(address, width=360, height=740) as page:
        await page.goto("/dev/login")
        await page.get_by_role("button", name="Anna Berger").click()
        await page.locator("#line[data-state=live]").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_what_exceeds_an_agents_authority_waits_for_a_supervisor_who_approves_it(address: str) -> None:
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(signed_in(address, ADA.customer_id))
        anna = await stack.enter_async_context(signed_in(address, ANNA))
        _, case_id = await hand_over(ada, "Your crew was rude to me, I am furious")
        await anna.post(f"/v1/cases/{case_id}/take")
        for status in ("executed", "executed", "awaiting_approval"):
            made = (await anna.post("/v1/resolutions", json={"case_id": case_id})).json()
            option = next(o for o in made["options"] if o["action"] == "issue_goodwill")
            given = await anna.post(f"/v1/resolutions/{made['id']}/options/{option['id']}/accept")
            assert given.json()["proposal"]["status"] == status
        assert option["needs_approval"] == "supervisor"
        approval = f"/v1/proposals/{given.json()['proposal']['id']}/approve"
        assert (await anna.post(approval, json={"reason": "mine"})).status_code == 403
        desk = await stack.enter_async_context(at_desk(address, "Carla Nunes"))
        row = desk.locator(f'[data-case="{case_id}"]')
        await expect(row).to_contain_text("needs supervisor")
        worked_out = await held_back(desk, "**/v1/resolutions")
        await row.click()
        await expect(desk.locator(".card-awaiting_approval")).to_contain_text("Waiting for approval")
        await desk.keyboard.press("p")
        await desk.keyboard.type("Third time, ")
        worked_out.set()
        await expect(desk.locator(".option-open")).to_be_visible()
        await assert_accessible(desk)
        await desk.keyboard.type("and the crew was at fault")
        await expect(desk.locator("#talk [name=reason]")).to_have_value("Third time, and the crew was at fault")
        await desk.keyboard.press("Enter")
        await expect(desk.locator(".card-awaiting_approval")).to_have_count(0)
        await expect(desk.locator(".card-executed")).to_have_count(3)
        await expect(row).not_to_contain_text("needs supervisor")
