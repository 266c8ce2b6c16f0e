"""One turn from accepted message to durable answer. One conversation handles one message at a time."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from langchain_core.messages import AnyMessage

from agent.answers import (
    Answer,
    DoneEvent,
    HandoffEvent,
    OutcomeKind,
    ProposalEvent,
    SentenceEvent,
    TurnEvent,
)
from agent.board import Board
from agent.claims.evidence import evidence_of_proposal
from agent.ending import answer_of, keep_messages, keep_reply, who_speaks
from agent.history import History, tool_body
from agent.loop import keep_entry, run_tool
from agent.order import Order
from agent.reader import Reply, read_proof, read_reply, show_again
from agent.recent import Recent
from agent.scope import TurnScope
from agent.store.conversations import Conversation, Entry, belongs_to, hash_secret
from agent.store.proposals import told_entry_id
from agent.store.stores import Stores
from agent.store.turns import TurnEnd, new_id
from agent.transcript import entry_before, evidence_in, seen_in, seen_of, up_to
from agent.viewing import show_handoff
from tools.context import Speaker, TurnContext
from tools.domain.ids import ConversationId, MessageId
from tools.execution import Confirmed, Execution
from tools.executor import Executor
from tools.extract.consents import withdrawals
from tools.proposals import OPEN, Proposal, act_of

_DECLINED = "All right, I have changed nothing."
_PROVED_MEANWHILE = "Who is speaking here was proved anew after you sent this. Please send it again."
_log = logging.getLogger("concierge.turn")


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """An accepted message. code: a one-time code taken out of its text, kept nowhere."""

    turn_id: str
    conversation_id: str
    speaker: Speaker
    text: str
    code: str | None


class Work(Protocol):
    """The work of a turn (agent/loop.py). -> what the model and the tools added to the messages."""

    async def run(self, messages: Sequence[AnyMessage], scope: TurnScope) -> list[AnyMessage]: ...


class Conversing:
    def __init__(
        self,
        *,
        stores: Stores,
        loop: Work,
        executor: Executor,
        execution: Execution,
        count: Callable[[str], int],
        clock: Callable[[], datetime],
        order: Order,
        board: Board,
    ) -> None:
        self._stores = stores
        self._loop = loop
        self._executor = executor
        self._execution = execution
        self._history = History(count)
        self._recent = Recent(stores.conversations.lines_after)
        self._clock = clock
        self._order = order
        self._board = board

    async def converse(self, incoming: Incoming, queue: "asyncio.Queue[TurnEvent | None]") -> Answer:
        conversation_id = incoming.conversation_id
        async with self._order.turn(conversation_id, incoming.turn_id):
            conversation = await self._stores.conversations.unchecked(conversation_id)
            transcript = up_to(await self._recent.transcript(conversation_id), incoming.turn_id)
            proposals = await self._stores.proposals.of(conversation_id)
            turn = await self._context(conversation, incoming.turn_id, incoming.speaker, transcript, proposals)
            scope = TurnScope(turn=turn, queue=queue)
            evidence, clauses = evidence_in(transcript)
            scope.evidence += evidence
            scope.clauses |= clauses
            answer = await self._answer(conversation, transcript, proposals, scope, incoming)
        self.announce(conversation_id)
        return answer

    async def context(self, conversation: Conversation, turn_id: str, speaker: Speaker) -> TurnContext:
        """What the tools of a turn may know: who speaks, what they proved, what they said, what tools showed."""
        transcript = await self._stores.conversations.transcript(conversation.id)
        proposals = await self._stores.proposals.of(conversation.id)
        return await self._context(conversation, turn_id, speaker, transcript, proposals)

    async def _context(
        self,
        conversation: Conversation,
        turn_id: str,
        speaker: Speaker,
        transcript: Sequence[Entry],
        proposals: Sequence[Proposal],
    ) -> TurnContext:
        seen = [value for entry in transcript for value in seen_of(entry)]
        return TurnContext(
            conversation_id=ConversationId(conversation.id),
            message_id=MessageId(turn_id),
            speaker=speaker,
            grants=await self._stores.conversations.grants(conversation.id),
            said=tuple(entry.text for entry in transcript if entry.role == "customer"),
            now=self._clock(),
            seen=frozenset(seen),
            at_work=frozenset(act_of(p.tool, p.arguments) for p in proposals if p.status == "confirmed"),
        )

    def next_news(self, conversation_id: str) -> asyncio.Event:
        """Set when the conversation's log grows from now on."""
        return self._board.next(conversation_id)

    def tell_again(self, answer: Answer, queue: "asyncio.Queue[TurnEvent | None]") -> None:
        queue.put_nowait(SentenceEvent(text=answer.message.text))
        queue.put_nowait(DoneEvent(answer=answer))

    async def refresh(self, turn: TurnContext) -> TurnContext:
        """The turn with its grants read again."""
        return replace(turn, grants=await self._stores.conversations.grants(turn.conversation_id))

    async def _answer(
        self,
        conversation: Conversation,
        transcript: tuple[Entry, ...],
        known: Sequence[Proposal],
        scope: TurnScope,
        incoming: Incoming,
    ) -> Answer:
        if incoming.speaker.secret is not None and not belongs_to(conversation, incoming.speaker):
            scope.say(_PROVED_MEANWHILE)
            return await self._end(conversation, scope, "identity_needed")
        if conversation.handoff in ("queued", "assigned"):
            await self._take_back(scope, incoming.text)
            return await self._end(conversation, scope, "human_needed")
        proposals = _standing(known, scope.turn.now)
        scope.evidence += [fact for standing in proposals for fact in evidence_of_proposal(standing)]
        proposal = next((standing for standing in reversed(proposals) if standing.status in OPEN), None)
        reply = read_reply(incoming.text, proposal, entry_before(transcript, scope.turn.message_id))
        if proposal is not None and reply != "none":
            return await self._settle(conversation, scope, proposal, reply)
        await self._read_proofs(scope, incoming.text, incoming.code)
        messages = self._history.messages([*transcript, *scope.entries], scope.turn)
        keep_messages(scope, await self._loop.run(messages, scope))
        return await self._end(conversation, scope, scope.kind())

    async def _read_proofs(self, scope: TurnScope, text: str, code: str | None) -> None:
        """Codes, proofs and withdrawals are taken before any model; the model sees the call and its outcome."""
        turn = scope.turn
        if code is not None:
            locator = await self._stores.identities.awaited_code(turn.conversation_id, turn.now)
            if locator is not None:
                await self._run_for_reader(scope, "check_code", {"record_locator": locator, "code": code})
            return
        await self._take_back(scope, text)
        if turn.speaker.kind != "anonymous":
            return
        proof = read_proof(text, turn.said[:-1], today=turn.now.date())
        if proof is not None and turn.grant_for(proof.locator) is None:
            proven = {"record_locator": proof.locator, "surname": proof.surname}
            await self._run_for_reader(scope, "verify_booking", proven)

    async def _take_back(self, scope: TurnScope, text: str) -> None:
        """A withdrawal works at once, also while a colleague is answering."""
        for taken_back in withdrawals(text):
            wish = {"purpose": taken_back.value.purpose, "channel": taken_back.value.channel}
            await self._run_for_reader(scope, "withdraw_consent", wish)

    async def _run_for_reader(self, scope: TurnScope, name: str, arguments: Mapping[str, object]) -> None:
        told = await run_tool(self._executor, self.refresh, scope, name, arguments, by="reader")
        shown = {k: "[code]" if k == "code" else v for k, v in arguments.items()}
        call = {"name": name, "args": shown, "id": new_id("call"), "type": "tool_call"}
        keep_entry(scope, "model", "", {"tool_calls": [call]})
        keep_entry(scope, "tool", tool_body(told), {"tool_call_id": call["id"], "name": name, **seen_in(told)})

    async def _settle(self, conversation: Conversation, scope: TurnScope, proposal: Proposal, reply: Reply) -> Answer:
        """A typed yes, no or phrase: the same confirmation as the button, or the card again."""
        if reply == "show_again":
            scope.say(show_again(proposal))
            return await self._end(conversation, scope, "proposed", card=proposal)
        if reply == "decline":
            closed = await self._stores.proposals.close(proposal, "declined", _DECLINED, now=scope.turn.now)
            settled = Confirmed(proposal=closed or proposal, say=_DECLINED)
        else:
            settled = await self._execution.confirm(proposal, scope.turn, "typed")
        scope.reply_id = told_entry_id(settled.proposal)
        scope.say(settled.say)
        shown = settled.successor or settled.proposal
        kind: OutcomeKind = "proposed" if settled.successor else "answered"
        return await self._end(conversation, scope, kind, card=shown, kept=settled.proposal.told is not None)

    async def _end(
        self,
        conversation: Conversation,
        scope: TurnScope,
        kind: OutcomeKind,
        *,
        card: Proposal | None = None,
        kept: bool = False,
    ) -> Answer:
        """One transaction: reply, proposal, claims, audit, outbox, events, answer. Then the person is told."""
        now = self._clock()
        secret = scope.new_secret()
        handoff = show_handoff(conversation, scope.handed_off)
        answer = answer_of(scope, kind=kind, card=card or scope.proposal, handoff=handoff, secret=secret, now=now)
        if not kept:
            keep_reply(scope, answer, card or scope.proposal)
        news: list[TurnEvent] = [ProposalEvent(proposal=shown) for shown in answer.proposals]
        news += [HandoffEvent(handoff=handoff)] if scope.handed_off else []
        done = DoneEvent(answer=answer.model_copy(update={"secret": None}))
        await self._stores.turns.end(
            TurnEnd(
                turn_id=scope.turn.message_id,
                conversation_id=conversation.id,
                answer=answer,
                entries=tuple(scope.entries),
                events=(*news, done),
                who=who_speaks(scope.turn),
                audit=tuple(scope.audit),
                proposal=scope.proposal,
                claims=tuple(scope.claims),
                handed_off=scope.handed_off,
                outbox=tuple(scope.outbox),
                secret_hash=hash_secret(secret) if secret else None,
            ),
            now=now,
        )
        for event in (*news, DoneEvent(answer=answer)):
            scope.emit(event)
        self._tell_usage(scope, answer)
        return answer

    def _tell_usage(self, scope: TurnScope, answer: Answer) -> None:
        told = {
            "conversation": scope.turn.conversation_id,
            "turn": scope.turn.message_id,
            "outcome": answer.outcome.kind,
        }
        used = answer.usage.model_dump(exclude_none=True)
        _log.info("turn answered", extra={**told, **used, "answered_by": tuple(scope.usage.answered_by)})

    def announce(self, conversation_id: str) -> None:
        self._board.announce(conversation_id)


def _standing(known: Sequence[Proposal], now: datetime) -> list[Proposal]:
    """Without the cards whose time is over."""
    return [proposal for proposal in known if proposal.status not in OPEN or proposal.expires_at > now]
