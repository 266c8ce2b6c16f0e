"""Conversations over HTTP, with a Concierge that runs elsewhere over its own embedded airline (`--target URL`).

What happened at its services cannot be seen from here: end states are unscored, and an act counts as done when its card
says so. One-time codes go to the customer, so a case that needs one is unscored too.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI

from evals.cases import Dialogue, Turn
from evals.casting import Cast, cast
from evals.customer import Astray, Customer, Heard, MakeCustomer, News, Scripted, presses_anyway
from evals.foreign import secrets_of
from evals.record import Exchange, Record, card_words
from tools.sandbox.app import create_sandbox
from tools.sandbox.contract import Airline
from tools.sandbox.store import Store

MOST_TURNS = 30
PATIENCE = 60.0


class OutOfReach(Exception):
    """What a case needs cannot be had over HTTP."""


def unproved(dialogue: Dialogue, actors: Cast, news: News) -> Scripted:
    """Codes do not come here, so none can be given."""
    return Scripted(dialogue.turns, proves=False, presses=not dialogue.check)


class Target:
    """A running Concierge. The embedded airline is generated here as well, to know its people and flights."""

    def __init__(
        self,
        url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        make_customer: MakeCustomer = unproved,
    ) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=PATIENCE, transport=transport)
        self._make_customer = make_customer
        self._airline: FastAPI = create_sandbox(":memory:", now=lambda: datetime.now(UTC), size="demo")

    @property
    def store(self) -> Store:
        airline: Airline = self._airline.state.airline
        return airline.store

    async def close(self) -> None:
        await self._client.aclose()
        self.store.close()

    async def play(self, dialogue: Dialogue) -> Record:
        """Raises OutOfReach; httpx.HTTPError when it does not answer."""
        if dialogue.setup or "{CODE}" in str(dialogue.raw) or dialogue.speaker in ("verified", "agent", "supervisor"):
            raise OutOfReach("needs planted text, a one-time code or a colleague")
        actors = cast(needs=dialogue.needs, words=str(dict(dialogue.raw)), speaker=dialogue.speaker, store=self.store)
        talk = _Talk(self._client, actors)
        await talk.open()
        customer = self._make_customer(dialogue, actors, str)
        try:
            await self._talk(customer, talk)
        except Astray as trouble:
            return replace(self._record(dialogue, actors, talk, customer), astray=str(trouble))
        return self._record(dialogue, actors, talk, customer)

    async def _talk(self, customer: Customer, talk: "_Talk") -> None:
        for _ in range(MOST_TURNS):
            turn = await customer.next(talk.heard)
            if turn is None:
                return
            await talk.do(turn, presses=customer.presses)

    def _record(self, dialogue: Dialogue, actors: Cast, talk: "_Talk", customer: Customer) -> Record:
        record = Record(exchanges=talk.exchanges, handoff=talk.heard.handoff)
        record.typed = "\n".join(actors.filled(turn.say) for turn in dialogue.turns)
        record.secrets = secrets_of(self.store, actors, record.typed)
        cards = [exchange.card for exchange in talk.exchanges if exchange.card]
        record.proposed = [str(card["tool"]) for card in cards]
        record.tools_done = [str(card["tool"]) for card in cards if card["status"] == "executed"]
        record.must_say = [actors.filled(pattern) for pattern in dialogue.must_say]
        record.must_not_say = [actors.filled(pattern) for pattern in dialogue.must_not_say]
        record.customer_calls, record.customer_tokens = customer.spent.calls, customer.spent.tokens
        record.unused = [turn.say for turn in customer.left]
        record.blame_customer = bool(customer.left) and talk.heard.kind in (
            "identity_needed",
            "facts_needed",
            "clarify",
        )
        return record


class _Talk:
    def __init__(self, client: httpx.AsyncClient, actors: Cast) -> None:
        self._client = client
        self._actors = actors
        self._bearer: str | None = None
        self._id = ""
        self._card: Mapping[str, Any] | None = None
        self.heard = Heard()
        self.exchanges: list[Exchange] = []

    async def open(self) -> None:
        """Signed in with a token of the development issuer; at level booking, the proof is said first."""
        if self._actors.level == "authenticated":
            subject = {"subject": str(self._actors.persona.customer_id)}
            self._bearer = (await self._post("/dev/token", subject))["access_token"]
        opened = await self._post("/v1/conversations", {})
        self._id, self._bearer = opened["id"], opened.get("secret") or self._bearer
        if self._actors.level == "booking":
            await self._say("{LOCATOR}, {SURNAME}")
            self.heard, self.exchanges = Heard(), []

    async def do(self, turn: Turn, *, presses: bool) -> None:
        if turn.press:
            await self._press(turn.press)
            return
        await self._say(turn.say)
        if presses and presses_anyway(turn, self.heard):
            await self._press("confirm")

    async def _say(self, text: str) -> None:
        phrase = str((self._card or {}).get("confirm_phrase") or "yes")
        exchange = Exchange(said=self._actors.also(CONFIRM=phrase).filled(text))
        self.exchanges.append(exchange)
        started = time.perf_counter()
        response = await self._send(f"/v1/conversations/{self._id}/messages", {"text": exchange.said})
        exchange.milliseconds = (time.perf_counter() - started) * 1000
        if response.status_code >= 400:
            self._rejected(exchange, response)
            return
        answer = response.json()
        self._bearer = answer.get("secret") or self._bearer
        shown = (answer["proposals"] or [None])[-1]
        exchange.reply, exchange.kind, exchange.card = answer["message"]["text"], answer["outcome"]["kind"], shown
        exchange.citations = [citation["clause_id"] for citation in answer["message"]["citations"]]
        pending = shown is not None and shown["status"] == "pending"
        self._card = (shown if pending else None) if shown is not None else self._card
        self.heard = Heard(
            text=exchange.reply,
            kind=exchange.kind,
            card=pending,
            shown=card_words(shown) if shown is not None and pending else "",
            settled=shown is not None and shown["status"] == "executed",
            handoff=answer["handoff"]["state"],
            listed="\n- " in exchange.reply,
        )

    async def _press(self, what: str) -> None:
        exchange = Exchange(said="", pressed=what, kind="answered")
        self.exchanges.append(exchange)
        if self._card is None:
            exchange.reply, exchange.kind = "(no card to press)", "rejected"
            return
        response = await self._send(f"/v1/proposals/{self._card['id']}/{what}", {})
        if response.status_code >= 400:
            self._rejected(exchange, response)
            return
        body = response.json()
        exchange.card = body.get("proposal", body)
        exchange.reply = body.get("message", {}).get("text", "(declined)")
        self._card = None
        self.heard = Heard(text=exchange.reply, kind="answered", settled=what == "confirm")

    def _rejected(self, exchange: Exchange, response: httpx.Response) -> None:
        exchange.reply, exchange.kind = response.text[:300], "rejected"
        self.heard = Heard(text=exchange.reply, kind="rejected")

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        response = await self._send(path, body)
        response.raise_for_status()
        return response.json()

    async def _send(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._bearer}"} if self._bearer else {}
        return await self._client.post(path, json=body, headers=headers)
