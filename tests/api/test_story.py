"""One customer's request, end to end over a real socket and over real parts: embedded airline, model and stores."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import expect

from agent.bootstrap import Platform
from tests.api.browsing import browsing, needs_chromium, say
from tests.api.conftest import signed_in
from tests.api.test_conversations import assert_problem
from tools.domain.ids import RecordLocator
from tools.ports import Subject
from tools.sandbox.people import ADA, EMMA, JONAS, Persona


async def ask(client: httpx.AsyncClient, text: str) -> httpx.Response:
    opened = (await client.post("/v1/conversations", json={})).json()
    return await client.post(f"/v1/conversations/{opened['id']}/messages", json={"text": text})


async def ask_to_cancel(client: httpx.AsyncClient, locator: str = "") -> httpx.Response:
    return await ask(client, f"Please cancel my booking {locator}".strip())


async def status_of(platform: Platform, persona: Persona) -> str:
    booking = await platform.services.booking.get(RecordLocator(persona.locator), subject=Subject("system"))
    return booking.status


async def test_a_baggage_question_is_answered_with_the_clause_that_says_so(address: str) -> None:
    async with signed_in(address, ADA.customer_id) as client:
        answer = (await ask(client, "How many cabin bags may I take?")).json()
        [cited] = answer["message"]["citations"]
        clause = (await client.get(f"/v1/policies/{cited['clause_id']}?version={cited['version']}")).json()
        figures = re.findall(r"\d+", answer["message"]["text"])
        assert figures
        assert set(figures) <= set(re.findall(r"\d+", clause["text"]))


async def test_five_confirmations_at_once_change_the_booking_once(address: str, real: Platform) -> None:
    async with signed_in(address, ADA.customer_id) as client:
        answer = (await ask_to_cancel(client)).json()
        assert answer["outcome"]["kind"] == "proposed"
        [card] = answer["proposals"]
        assert [clause["clause_id"] for clause in card["clauses"]] == ["CXL-FLEX"]
        assert await status_of(real, ADA) == "confirmed"
        path = f"/v1/proposals/{card['id']}/confirm"
        confirmed = await asyncio.gather(*[client.post(path) for _ in range(5)])
        assert {one.status_code for one in confirmed} == {200}
        assert len({one.text for one in confirmed}) == 1
        assert confirmed[0].json()["proposal"]["status"] == "executed"
        assert await status_of(real, ADA) == "cancelled"


async def test_declining_changes_nothing(address: str, real: Platform) -> None:
    async with signed_in(address, ADA.customer_id) as client:
        [card] = (await ask_to_cancel(client, ADA.locator)).json()["proposals"]
        declined = await client.post(f"/v1/proposals/{card['id']}/decline")
        assert declined.json()["status"] == "declined"
        assert_problem(await client.post(f"/v1/proposals/{card['id']}/confirm"), 409, "proposal-gone")
        assert await status_of(real, ADA) == "confirmed"


async def test_a_non_refundable_booking_is_refused_under_a_clause_that_can_be_read(address: str) -> None:
    async with signed_in(address, JONAS.customer_id) as client:
        answer = (await ask_to_cancel(client)).json()
        assert answer["outcome"]["kind"] == "refused"
        assert answer["proposals"] == []
        clause = await client.get(f"/v1/policies/{answer['outcome']['clause_id']}")
        assert clause.status_code == 200


async def test_another_customers_booking_is_refused_like_one_that_does_not_exist(address: str) -> None:
    async with signed_in(address, JONAS.customer_id) as client:
        foreign = (await ask_to_cancel(client, ADA.locator)).json()
        unknown = (await ask_to_cancel(client, "Z9ZZ9Z")).json()
        assert foreign["proposals"] == unknown["proposals"] == []
        assert foreign["outcome"] == unknown["outcome"]
        assert foreign["message"]["text"].replace(ADA.locator, "") == unknown["message"]["text"].replace("Z9ZZ9Z", "")


async def test_a_stranger_can_confirm_nothing(address: str, real: Platform) -> None:
    async with signed_in(address, ADA.customer_id) as client, signed_in(address, JONAS.customer_id) as stranger:
        [card] = (await ask_to_cancel(client, ADA.locator)).json()["proposals"]
        answer = await stranger.post(f"/v1/proposals/{card['id']}/confirm")
        assert_problem(answer, 404, "unknown-proposal")
        assert await status_of(real, ADA) == "confirmed"


@pytest.mark.browser
@needs_chromium
async def test_the_same_story_on_the_chat_page(address: str, real: Platform) -> None:
    async with browsing(address) as page:
        await page.goto("/dev/login")
        await page.get_by_role("button", name=f"{ADA.given_name} {ADA.surname}").click()
        await say(page, "How many cabin bags may I take?")
        await page.locator(".cite").first.click()
        await expect(page.get_by_role("dialog")).to_contain_text("BAG-CABIN")
        await page.keyboard.press("Escape")
        await say(page, "Please cancel my booking")
        card = page.locator(".pass")
        await expect(card).to_contain_text(re.compile(r"You get back€[\d,]+\.\d\d"))
        assert await status_of(real, ADA) == "confirmed"
        await card.get_by_role("button", name="Confirm").click()
        await expect(card).to_contain_text("Done")
        assert await status_of(real, ADA) == "cancelled"
        await page.reload()
        await expect(page.locator(".said-assistant").last).to_contain_text("cancelled")


@pytest.mark.browser
@needs_chromium
async def test_options_are_cards_and_choosing_one_brings_its_proposal(address: str) -> None:
    async with browsing(address) as page:
        await page.goto("/dev/login")
        await page.get_by_role("button", name=f"{EMMA.given_name} {EMMA.surname}").click()
        await say(page, "My flight to Paris was cancelled!! What can I do?")
        options = page.get_by_role("list", name="Your options")
        await expect(options.get_by_role("button")).to_have_count(3)
        await expect(options.get_by_role("button", name="Pay compensation")).to_contain_text("€250.00")
        await page.reload()
        await options.get_by_role("button", name="Rebook free of charge").click()
        await expect(page.locator(".pass")).to_contain_text("For you to confirm")
        await expect(page.locator(".pass")).to_contain_text("GA131")
