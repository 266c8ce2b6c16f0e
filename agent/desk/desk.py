"""The contact centre's desk: the queue, a case, taking it, giving it back, talking in it.

The hand-off is a state machine: none -> queued -> assigned -> closed, and back to none. While a conversation is queued
or assigned the bot is silent by state (agent/conversing.py).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from agent.answers import HandoffEvent, HandoffState, MessageEvent, ShownHandoff, ShownMessage
from agent.conversing import Conversing
from agent.desk.customer import Customers, summarise
from agent.desk.hub import Hub, News
from agent.desk.views import CaseSummary, CaseView, ScreenPopView, ShownNote
from agent.errors import BadMessage, CaseTaken, Forbidden, UnknownCase
from agent.showing import show_proposal
from agent.store.conversations import Conversation, Entry
from agent.store.pops import ScreenPop
from agent.store.stores import Stores
from agent.store.turns import new_id
from agent.viewing import show_conversation
from tools.context import Speaker
from tools.domain.errors import NotFound, VersionConflict
from tools.domain.ids import CaseId
from tools.domain.records import Case
from tools.ports import Services, Subject, Write

RECENT_CALLS = timedelta(minutes=10)
_RANK = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


class Desk:
    def __init__(
        self, *, services: Services, stores: Stores, conversing: Conversing, hub: Hub, clock: Callable[[], datetime]
    ) -> None:
        self._services = services
        self._stores = stores
        self._conversing = conversing
        self._clock = clock
        self._customers = Customers(services, stores)
        self.hub = hub

    async def queue(self, speaker: Speaker) -> tuple[CaseSummary, ...]:
        """Those that wait and those in work; severest first, then oldest."""
        require_staff(speaker)
        services, now = self._services.cases, self._clock()
        approvals = await self._stores.proposals.awaiting()
        cases = [summarise(case, now) for case in (*await services.queue(), *await services.assigned())]
        marked = [case.model_copy(update={"awaits_approval": approvals.get(case.case_id)}) for case in cases]
        return tuple(sorted(marked, key=lambda case: (_RANK[case.severity], case.opened_at)))

    async def pops(self, speaker: Speaker, after: int) -> tuple[ScreenPopView, ...]:
        """Calls that were routed to this member of staff; after 0, the recent ones."""
        subject = require_staff(speaker)
        recent = self._clock() - RECENT_CALLS
        found = await self._stores.pops.after(after, agent=subject)
        return tuple(_show_pop(pop) for pop in found if after or pop.at >= recent)

    async def case(self, case_id: str, speaker: Speaker) -> CaseView:
        require_staff(speaker)
        case = await self.read(case_id)
        conversation = await self._stores.conversations.of_case(case_id)
        transcript = await self._stores.conversations.transcript(conversation.id) if conversation else ()
        proposals = await self._stores.proposals.of(conversation.id) if conversation else ()
        messages = show_conversation(conversation, transcript, proposals).messages if conversation else ()
        return CaseView(
            case=summarise(case, self._clock()),
            packet=dict(await self._services.cases.packet(case.case_id)),
            transcript=messages,
            proposals=tuple(show_proposal(proposal) for proposal in proposals),
            notes=tuple(
                ShownNote(author=note.author, text=note.text, at=note.written_at)
                for note in await self._services.cases.notes(case.case_id)
            ),
            customer=await self._customers.view(case, conversation, self._clock()),
        )

    async def take(self, case_id: str, speaker: Speaker) -> CaseSummary:
        """The first to take a case has it; the other is told by whom."""
        subject = require_staff(speaker)
        case = await self.read(case_id)
        if case.status == "assigned" and case.assignee == subject:
            return summarise(case, self._clock())
        if case.status != "queued":
            raise CaseTaken(_taken(case))
        try:
            taken = await self._services.cases.update(
                case.case_id, status="assigned", assignee=subject, write=self._write(case, subject, "take")
            )
        except VersionConflict as error:
            raise CaseTaken(_taken(await self.read(case_id))) from error
        await self._move(taken, "assigned", f"{speaker.name or 'A colleague'} has joined the conversation.")
        return summarise(taken, self._clock())

    async def give_back(self, case_id: str, speaker: Speaker) -> CaseSummary:
        """Back to the queue: the next colleague sees it, and the bot stays silent.

        A supervisor may also give back what a colleague has who is gone.
        """
        case = await self._own(case_id, speaker, or_supervisor=True)
        queued = await self._services.cases.update(
            case.case_id, status="queued", assignee=None, write=self._write(case, speaker.subject, "give_back")
        )
        await self._move(queued, "queued", "You are back in the queue; another colleague will take over.")
        return summarise(queued, self._clock())

    async def close(self, case_id: str, speaker: Speaker) -> CaseSummary:
        """The conversation goes back to the bot and starts clean."""
        case = await self._own(case_id, speaker)
        closed = await self._services.cases.update(
            case.case_id, status="closed", assignee=case.assignee, write=self._write(case, speaker.subject, "close")
        )
        await self._move(closed, "none", "My colleague has closed this case. I am here again if you need anything.")
        return summarise(closed, self._clock())

    async def message(self, case_id: str, text: str, speaker: Speaker) -> ShownMessage:
        if not text.strip():
            raise BadMessage("The message is empty. Please write something.")
        case = await self._own(case_id, speaker)
        conversation = await self._stores.conversations.of_case(case.case_id)
        if conversation is None or conversation.kind == "case":
            raise UnknownCase("This case has no conversation to write in.")
        return await self.say(conversation, text, "agent")

    async def note(self, case_id: str, text: str, speaker: Speaker) -> ShownNote:
        """For colleagues only; no customer and no model reads it."""
        case = await self._own(case_id, speaker)
        note = await self._services.cases.add_note(
            case.case_id, text, write=Write(key=new_id("note"), subject=Subject(f"staff:{speaker.subject}"))
        )
        self.changed(case_id)
        return ShownNote(author=note.author, text=note.text, at=note.written_at)

    async def say(self, conversation: Conversation, text: str, role: str) -> ShownMessage:
        entry = Entry(id=new_id("m"), turn_id=None, role=role, text=text, at=self._clock())
        shown = ShownMessage(id=entry.id, role=role, text=text, at=entry.at)
        await self._stores.conversations.add(conversation.id, entry, [MessageEvent(message=shown)])
        self._conversing.announce(conversation.id)
        if conversation.case_id:
            self.spoken(conversation.case_id, conversation.id)
        return shown

    def handed_off(self, case_id: str, conversation_id: str) -> None:
        """A conversation came into the queue."""
        self.hub.tell(News(kind="case.created", data={"case_id": case_id, "conversation_id": conversation_id}))

    def spoken(self, case_id: str, conversation_id: str) -> None:
        """There are new words in a conversation that staff look after."""
        self.hub.tell(News(kind="message", data={"case_id": case_id, "conversation_id": conversation_id}))

    def changed(self, case_id: str) -> None:
        self.hub.tell(News(kind="case.updated", data={"case_id": case_id}))

    async def read(self, case_id: str) -> Case:
        try:
            return await self._services.cases.get(CaseId(case_id))
        except NotFound as error:
            raise UnknownCase("There is no such case.") from error

    async def _own(self, case_id: str, speaker: Speaker, *, or_supervisor: bool = False) -> Case:
        subject = require_staff(speaker)
        case = await self.read(case_id)
        may = case.assignee == subject or (or_supervisor and "supervisor" in speaker.roles)
        if not may or case.status != "assigned":
            raise Forbidden("Take the case first.")
        return case

    async def _move(self, case: Case, state: HandoffState, say: str) -> None:
        conversation = await self._stores.conversations.of_case(case.case_id)
        self.changed(case.case_id)
        if conversation is None:
            return
        handoff = ShownHandoff(state=state, case_id=case.case_id if state != "none" else None, note=say)
        await self._stores.conversations.move(
            conversation.id,
            state,
            assignee=case.assignee if state == "assigned" else None,
            events=[HandoffEvent(handoff=handoff)],
            at=self._clock(),
        )
        await self.say(conversation, say, "system")

    def _write(self, case: Case, subject: str | None, what: str) -> Write:
        key = f"{case.case_id}:{what}:{case.version}:{subject}"
        return Write(key=key, subject=Subject(f"staff:{subject}"), if_match=case.version)


def require_staff(speaker: Speaker) -> str:
    if speaker.kind != "staff" or speaker.subject is None or not speaker.roles & {"agent", "supervisor"}:
        raise Forbidden("This is for the contact centre's staff.")
    return speaker.subject


def _taken(case: Case) -> str:
    return f"This case is {case.status}" + (f" by {case.assignee}." if case.assignee else ".")


def _show_pop(pop: ScreenPop) -> ScreenPopView:
    shown = ("call_id", "caller", "customer", "matches", "language", "cases")
    return ScreenPopView.model_validate({name: pop.body.get(name) for name in shown} | {"id": pop.id, "at": pop.at})
