"""The only way in: Concierge. Every message, from HTTP, the command or an eval, takes this path.

accept (durable) -> reader (codes, proofs, yes and no) -> graph (model, tools through the executor) -> one transaction
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Protocol

from agent.answers import (
    Answer,
    ConversationSummary,
    ConversationView,
    Executed,
    LoggedEvent,
    Opened,
    ShownProposal,
)
from agent.board import within
from agent.conversing import Conversing, Incoming
from agent.desk.deciding import Deciding
from agent.desk.views import Resolution
from agent.errors import (
    BadMessage,
    Forbidden,
    ProposalGone,
    StoreUnavailable,
    UnknownConversation,
    UnknownProposal,
)
from agent.interface import Message, ResolutionRequest
from agent.reader import hear, may_be_code
from agent.running_turn import Listening, RunningTurn
from agent.showing import show_proposal
from agent.store.conversations import Conversation, Entry, belongs_to, hash_secret
from agent.store.proposals import told_entry_id
from agent.store.stores import Stores
from agent.store.turns import AlreadyAnswered, new_id
from agent.usage import attributes_of
from agent.viewing import last_text, show_conversation, show_told
from tools.context import Speaker, TurnContext
from tools.domain.errors import ConciergeError
from tools.execution import Confirmed, Execution
from tools.proposals import OPEN, Proposal
from tools.tracing import span

LONGEST_MESSAGE = 4000
_LOOKS, _LOOK_SECONDS = 60, 0.5
"""How long the same message, sent again, waits for the process that answers it."""
_log = logging.getLogger("concierge.turn")


class DeskNews(Protocol):
    """What staff are told of as it happens."""

    def handed_off(self, case_id: str, conversation_id: str) -> None: ...
    def spoken(self, case_id: str, conversation_id: str) -> None: ...
    def changed(self, case_id: str) -> None: ...


class Concierge:
    """One engine for HTTP, the command, evals and events. Built by agent/bootstrap.py."""

    def __init__(
        self,
        *,
        stores: Stores,
        conversing: Conversing,
        execution: Execution,
        deciding: Deciding,
        clock: Callable[[], datetime],
        desk: "DeskNews",
    ) -> None:
        self._stores = stores
        self._conversing = conversing
        self._execution = execution
        self._deciding = deciding
        self._desk = desk
        self._clock = clock
        self._running: dict[str, RunningTurn] = {}
        self._accepting: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def _awaits_code(self, conversation_id: str, text: str, now: datetime) -> bool:
        return may_be_code(text) and await self._stores.identities.awaited_code(conversation_id, now) is not None

    async def open(self, speaker: Speaker) -> Opened:
        secret = secrets.token_urlsafe(32) if speaker.kind == "anonymous" else None
        conversation = Conversation(
            id=new_id("c"),
            kind=speaker.kind,
            subject=speaker.subject,
            customer_id=speaker.customer_id,
            secret_hash=hash_secret(secret) if secret else None,
            opened_at=self._clock(),
            status="open",
            handoff="none",
        )
        await self._stores.conversations.open(conversation)
        return Opened(id=conversation.id, secret=secret)

    async def claim(self, conversation_id: str, speaker: Speaker, secret: str) -> ConversationView:
        if speaker.kind != "customer":
            raise Forbidden("Only a signed-in customer can claim a conversation.")
        anonymous = Speaker(kind="anonymous", secret=secret)
        conversation = await self._stores.conversations.get(conversation_id, anonymous)
        return await self._view(await self._stores.conversations.claim(conversation, speaker))

    async def handle(self, message: Message, speaker: Speaker) -> RunningTurn:
        _check_text(message.text)
        conversation = await self._stores.conversations.get(message.conversation_id, speaker)
        _refuse_staff(speaker)
        now = self._clock()
        heard = hear(message.text, code_awaited=await self._awaits_code(conversation.id, message.text, now))
        message_id = new_id("m")
        entry = Entry(id=message_id, turn_id=message_id, role="customer", text=heard.text, at=now)
        self._accepting.add(message_id)
        try:
            accepted = await self._stores.conversations.accept(
                conversation, entry, key=message.idempotency_key, address=speaker.address
            )
            if not accepted.fresh:
                return await self._replay(accepted.turn_id, conversation.id, accepted.answer)
            incoming = Incoming(
                turn_id=accepted.turn_id,
                conversation_id=conversation.id,
                speaker=speaker,
                text=heard.text,
                code=heard.code,
            )
            return self._start(incoming)
        finally:
            self._accepting.discard(message_id)

    async def reconcile(self, *, idle: timedelta = timedelta(0)) -> int:
        """Finishes confirmed proposals that a crash or a lost answer left open; returns how many it found.

        idle: how long one whose process lives must have been confirmed; a younger one may be at work.
        """
        living, now = await self._stores.processes.living(), self._clock()
        unsettled = await self._stores.turn_taking.take_over_confirmed(living, idle_since=now - idle, now=now)
        for proposal_id in unsettled:
            proposal = await self._stores.proposals.get(proposal_id)
            if proposal is None:
                continue
            if await self._stores.proposals.begun(proposal.id):
                await self._execution.resume(proposal)
            else:
                await self._stores.proposals.reopen(proposal.id)
        return len(unsettled)

    async def resume(self, *, idle: timedelta) -> int:
        """At start: confirmed proposals first, then accepted messages without an answer; returns how many of these."""
        await self.reconcile(idle=idle)
        return await self.take_over(unowned=True)

    async def take_over(self, *, unowned: bool = False) -> int:
        """Answers what dead processes owe, and what this one owes and is not at work on; returns how many turns."""
        at_work = {*self._running, *self._accepting}
        living = await self._stores.processes.living()
        owed = [*await self._stores.turn_taking.take_over(living, unowned=unowned)]
        owed += await self._stores.turn_taking.own()
        idle = {turn.turn_id: turn for turn in owed if turn.turn_id not in at_work | {*self._running, *self._accepting}}
        for turn in idle.values():
            conversation = await self._stores.conversations.unchecked(turn.conversation_id)
            speaker = _speaker_of(conversation, turn.address)
            self._start(
                Incoming(
                    turn_id=turn.turn_id, conversation_id=conversation.id, speaker=speaker, text=turn.text, code=None
                )
            )
        return len(idle)

    async def confirm(self, proposal_id: str, speaker: Speaker) -> Executed:
        proposal, turn = await self._proposal(proposal_id, speaker)
        await self._refuse_ended(proposal, turn)
        confirmed = await self._execution.confirm(proposal, turn, "button")
        await self._settled(proposal)
        return _executed(confirmed, await self._told_at(confirmed.proposal, turn.now))

    async def _told_at(self, proposal: Proposal, now: datetime) -> datetime:
        """When the person was told of its end: the same for every repetition of a confirmation."""
        told = told_entry_id(proposal)
        transcript = await self._stores.conversations.transcript(proposal.conversation_id)
        return next((entry.at for entry in transcript if entry.id == told), now)

    async def decline(self, proposal_id: str, speaker: Speaker) -> ShownProposal:
        proposal, turn = await self._proposal(proposal_id, speaker)
        await self._refuse_ended(proposal, turn)
        if proposal.status == "executed":
            raise ProposalGone("This was already done; it cannot be declined any more.")
        closed = await self._stores.proposals.close(proposal, "declined", _DECLINED, now=turn.now)
        if closed is None:
            raise ProposalGone("This was decided in the meantime.")
        await self._settled(proposal)
        return show_proposal(closed)

    async def resolve(self, request: ResolutionRequest, speaker: Speaker) -> Resolution:
        """Ranked, policy-checked options for a case, a conversation or a booking; for staff."""
        return await self._deciding.resolve(request, speaker)

    async def conversation(self, conversation_id: str, speaker: Speaker) -> ConversationView:
        return await self._view(await self._stores.conversations.get(conversation_id, speaker))

    async def conversations(self, speaker: Speaker) -> tuple[ConversationSummary, ...]:
        if speaker.subject is None:
            raise Forbidden("Sign in to see your conversations.")
        mine = await self._stores.conversations.of(speaker)
        return tuple(
            [
                ConversationSummary(
                    id=c.id,
                    status="closed" if c.status == "closed" else "open",
                    opened_at=c.opened_at,
                    last_text=last_text(await self._stores.conversations.transcript(c.id)),
                )
                for c in mine
            ]
        )

    async def events(self, conversation_id: str, speaker: Speaker, after: int) -> AsyncIterator[LoggedEvent]:
        """From the log, then live. Whoever leaves and comes back names the last id they saw. It ends when the
        conversation is not the speaker's any more: they signed in, its secret was rotated, the case was given back."""
        await self._stores.conversations.get(conversation_id, speaker)
        while True:
            news = self._conversing.next_news(conversation_id)
            if not belongs_to(await self._stores.conversations.unchecked(conversation_id), speaker):
                return
            for logged in await self._stores.conversations.events_after(conversation_id, after):
                after = logged.id
                yield logged
            await news.wait()

    async def rate(self, conversation_id: str, message_id: str, speaker: Speaker, rating: str, comment: str) -> None:
        await self._stores.conversations.get(conversation_id, speaker)
        known = await self._stores.conversations.rate(conversation_id, message_id, rating, comment, self._clock())
        if not known:
            raise UnknownConversation("There is no such message in this conversation.")

    async def close(self) -> None:
        """Waits for running turns to end."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, incoming: Incoming) -> RunningTurn:
        running = RunningTurn(incoming.turn_id)
        self._running[incoming.turn_id] = running
        task = asyncio.create_task(self._run(running, incoming))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return running

    async def _run(self, running: RunningTurn, incoming: Incoming) -> None:
        """The boundary that turns a bug into a sentence and a log line."""
        try:
            with span("turn") as current:
                answer = await self._conversing.converse(incoming, running.queue)
                current.set_attributes({"concierge.outcome": answer.outcome.kind, **attributes_of(answer.usage)})
        except AlreadyAnswered:
            await self._finish_with_other(running)
        except StoreUnavailable as error:  # it stays this process's, and is answered when the database is back
            _log.warning("turn interrupted", extra={"turn": running.message_id})
            running.fail(error)
        except Exception as error:  # noqa: BLE001 the one place where a bug must become a sentence
            _log.exception("turn failed", extra={"turn": running.message_id})
            running.fail(error)
            await self._stores.turn_taking.give_up(running.message_id)
        else:
            running.finish(answer)
            self._tell_desk(answer, incoming.conversation_id)
        finally:
            self._running.pop(running.message_id, None)

    async def _finish_with_other(self, running: RunningTurn) -> None:
        """Another process was thought dead or thought us dead; its answer is the turn's answer."""
        answer = await self._stores.conversations.answer_of(running.message_id)
        if answer is None:
            running.fail(LookupError(running.message_id))
        else:
            running.finish(answer)

    def _tell_desk(self, answer: Answer, conversation_id: str) -> None:
        """A turn that hands over has a receipt; a turn while staff look after the conversation has no words."""
        handoff = answer.handoff
        if handoff.case_id is None or handoff.state not in ("queued", "assigned"):
            return
        tell = self._desk.handed_off if answer.message.text else self._desk.spoken
        tell(handoff.case_id, conversation_id)

    async def _settled(self, proposal: Proposal) -> None:
        """Whoever follows the conversation sees how a card ended: other pages of the person, and staff."""
        self._conversing.announce(proposal.conversation_id)
        conversation = await self._stores.conversations.unchecked(proposal.conversation_id)
        if conversation.case_id:
            self._desk.changed(conversation.case_id)

    async def _replay(self, turn_id: str, conversation_id: str, answer: Answer | None) -> RunningTurn:
        """The same message again: the turn that is at work, here or in another process, or its answer."""
        if running := self._running.get(turn_id):
            return Listening(running)
        again = RunningTurn(turn_id)
        answer = answer or await self._answer_from_elsewhere(turn_id, conversation_id)
        if answer is None:
            again.fail(ConciergeError("The answer to this message is still being worked on."))
        else:
            self._conversing.tell_again(answer, again.queue)
            again.finish(answer)
        return again

    async def _answer_from_elsewhere(self, turn_id: str, conversation_id: str) -> Answer | None:
        """Waits while another process works on it; None when nobody does, or it takes too long."""
        for _ in range(_LOOKS):
            news = self._conversing.next_news(conversation_id)
            if answer := await self._stores.conversations.answer_of(turn_id):
                return answer
            if not await self._stores.turn_taking.at_work(turn_id):
                return await self._stores.conversations.answer_of(turn_id)
            await within(news, _LOOK_SECONDS)
        return None

    async def _proposal(self, proposal_id: str, speaker: Speaker) -> tuple[Proposal, TurnContext]:
        proposal = await self._stores.proposals.get(proposal_id)
        if proposal is None:
            raise UnknownProposal(_NO_PROPOSAL)
        try:
            conversation = await self._stores.conversations.get(proposal.conversation_id, speaker)
        except UnknownConversation as error:
            raise UnknownProposal(_NO_PROPOSAL) from error
        _refuse_staff(speaker)
        turn = await self._conversing.context(conversation, new_id("m"), speaker)
        return proposal, turn

    async def _refuse_ended(self, proposal: Proposal, turn: TurnContext) -> None:
        if proposal.status in OPEN and proposal.expires_at <= turn.now:
            await self._stores.proposals.close(proposal, "expired", _EXPIRED, now=turn.now)
            raise ProposalGone(_EXPIRED)
        if proposal.status in ("declined", "expired", "superseded", "failed"):
            raise ProposalGone(proposal.told or f"This proposal is {proposal.status}.")

    async def _view(self, conversation: Conversation) -> ConversationView:
        transcript = await self._stores.conversations.transcript(conversation.id)
        proposals = await self._stores.proposals.of(conversation.id)
        usages = await self._stores.conversations.usages(conversation.id)
        return show_conversation(conversation, transcript, proposals, usages)


def _executed(confirmed: Confirmed, now: datetime) -> Executed:
    proposal = confirmed.proposal
    if proposal.status in OPEN:
        raise Forbidden(confirmed.say)
    if proposal.status in ("superseded", "failed", "declined", "expired"):
        successor = show_proposal(confirmed.successor) if confirmed.successor else None
        raise ProposalGone(confirmed.say, successor)
    return Executed(
        proposal=show_proposal(proposal), message=show_told(told_entry_id(proposal), confirmed.say, proposal, now)
    )


def _refuse_staff(speaker: Speaker) -> None:
    """Who has the case may read the conversation, and speaks at the desk: the customer's words are the customer's."""
    if speaker.kind == "staff":
        raise Forbidden("This is the customer's to say. Write to them in the case.")


def _check_text(text: str) -> None:
    if not text.strip():
        raise BadMessage("The message is empty. Please write something.")
    if len(text) > LONGEST_MESSAGE:
        raise BadMessage(f"The message has {len(text)} characters; at most {LONGEST_MESSAGE} are allowed.")
    if any((ord(c) < 32 and c not in "\n\r\t") or ord(c) == 127 for c in text):
        raise BadMessage("The message has control characters that nobody can read. Please type it as plain text.")


def _speaker_of(conversation: Conversation, address: str) -> Speaker:
    """Who spoke, as the conversation was verified when the message was accepted."""
    return Speaker(
        kind=conversation.kind,  # type: ignore[arg-type]
        subject=conversation.subject,
        customer_id=conversation.customer_id,  # type: ignore[arg-type]
        address=address,
    )


_NO_PROPOSAL = "There is no such proposal, or it is not yours."
_DECLINED = "All right, I have changed nothing."
_EXPIRED = "This proposal has expired. Nothing was changed; just ask again if you still want it."
