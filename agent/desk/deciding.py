"""Options of a case: shown, accepted, edited, rejected, approved. Whatever is accepted goes through the executor.

Goodwill is staff's to confirm. Entitlements and changes of the journey are the customer's, when they are there; without
a live conversation staff confirm on the caller's word, and the audit says so. Nobody approves what they proposed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from agent.answers import Executed, ProposalEvent, ShownProposal
from agent.conversing import Conversing
from agent.desk.customer import customer_words
from agent.desk.desk import Desk, require_staff
from agent.desk.harvesting import body_of
from agent.desk.rates import rates_of
from agent.desk.views import Accepted, Option, Rates, Resolution
from agent.errors import CaseTaken, Forbidden, ProposalGone, UnknownCase, UnknownOption, UnknownProposal
from agent.interface import ResolutionRequest
from agent.resolution.ranking import Standing
from agent.resolution.resolving import STAFF_ACTIONS, Matter, Resolver
from agent.showing import show_proposal
from agent.store.conversations import Conversation
from agent.store.proposals import told_entry_id
from agent.store.resolutions import KeptVerdict
from agent.store.stores import Stores
from agent.store.turns import new_id
from agent.viewing import show_told
from tools.audit import Confirmation
from tools.context import Speaker, TurnContext
from tools.domain.errors import Fault, NotFound
from tools.domain.ids import ConversationId, CustomerId, MessageId, RecordLocator
from tools.domain.records import Booking, Case
from tools.execution import Execution
from tools.executor import Executor, Ruling
from tools.ports import Services, Subject, Write
from tools.proposals import OPEN, Proposal

Kind = Literal["accepted", "edited", "rejected"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a member of staff chose for a case."""

    case: Case
    conversation: Conversation
    option: Option
    speaker: Speaker
    reply: str
    verdict: Kind


class Deciding:
    def __init__(
        self,
        *,
        desk: Desk,
        resolver: Resolver,
        executor: Executor,
        execution: Execution,
        services: Services,
        stores: Stores,
        conversing: Conversing,
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._resolver = resolver
        self._executor = executor
        self._execution = execution
        self._services = services
        self._stores = stores
        self._conversing = conversing
        self._clock = clock

    async def resolve(self, request: ResolutionRequest, speaker: Speaker) -> Resolution:
        require_staff(speaker)
        case = await self._case(request, speaker)
        conversation = await self._conversation(case)
        booking = await self._booking(case, conversation)
        transcript = await self._stores.conversations.transcript(conversation.id)
        matter = Matter(
            id=new_id("r"),
            case_id=case.case_id,
            kind=case.kind,
            booking=booking,
            event=request.event,
            texts=(case.summary, *customer_words(transcript)),
            live=conversation.kind != "case",
            standing=await self._standing(case, booking),
        )
        resolved = await self._resolver.resolve(matter, self._staff_turn(case, conversation, booking, speaker))
        await self._stores.resolutions.keep(matter.id, case_id=case.case_id, body=body_of(resolved), at=self._clock())
        return resolved.resolution

    async def accept(
        self, resolution_id: str, option_id: str, speaker: Speaker, *, reason: str = "", reply: str | None = None
    ) -> Accepted:
        """One click: a proposal for the customer, or done at once where it is staff's to confirm."""
        require_staff(speaker)
        resolution, option = await self._option(resolution_id, option_id)
        if not option.eligible:
            raise Forbidden(f"This option is not possible: {option.why}")
        case = await self._free(resolution.case_id, speaker)
        conversation = await self._conversation(case)
        ruling = await self._propose(case, conversation, option, speaker)
        if ruling.proposal is None:
            return Accepted(verdict="accepted", message=ruling.outcome.say)
        kind: Kind = "edited" if reply is not None and reply != option.reply else "accepted"
        choice = Choice(
            case=case,
            conversation=conversation,
            option=option,
            speaker=speaker,
            reply=reply or option.reply,
            verdict=kind,
        )
        await self._judge(resolution, choice, reason)
        await self._stores.turns.offer(ruling.proposal, ruling.audit, now=self._clock())
        accepted = await self._carry_out(choice, ruling.proposal)
        self._desk.changed(case.case_id)
        return accepted

    async def reject(self, resolution_id: str, option_id: str, speaker: Speaker, *, reason: str) -> Accepted:
        require_staff(speaker)
        if not reason.strip():
            raise Forbidden("Say why, so that the next proposal is better.")
        resolution, option = await self._option(resolution_id, option_id)
        case = await self._free(resolution.case_id, speaker)
        conversation = await self._conversation(case)
        choice = Choice(
            case=case, conversation=conversation, option=option, speaker=speaker, reply="", verdict="rejected"
        )
        await self._judge(resolution, choice, reason)
        return Accepted(verdict="rejected")

    async def approve(self, proposal_id: str, speaker: Speaker, *, reason: str) -> Executed | ShownProposal:
        """By the role the clause names and by another person than the proposer; then it is confirmed as usual."""
        subject = require_staff(speaker)
        proposal = await self._stores.proposals.get(proposal_id)
        if proposal is None:
            raise UnknownProposal("There is no such proposal.")
        _may_approve(proposal, speaker, subject, reason)
        approved = await self._stores.proposals.approve(proposal, f"staff:{subject}", now=self._clock())
        if approved is None:
            raise ProposalGone("This proposal is not waiting for an approval any more.")
        conversation = await self._stores.conversations.unchecked(approved.conversation_id)
        case = await self._desk.read(conversation.case_id or str(conversation.subject))
        shown = show_proposal(approved)
        await self._stores.conversations.log(conversation.id, [ProposalEvent(proposal=shown)], self._clock())
        self._conversing.announce(conversation.id)
        self._desk.changed(case.case_id)
        if approved.tool not in STAFF_ACTIONS:
            return shown
        proposer = replace(speaker, subject=str(approved.proposed_by).partition(":")[2])
        turn = self._staff_turn(case, conversation, None, proposer)
        return await self._confirm(approved, turn, "staff")

    async def confirm(self, proposal_id: str, speaker: Speaker) -> Executed:
        """On the caller's word, by whoever has the case; where a customer is in the conversation, it is theirs."""
        subject = require_staff(speaker)
        proposal = await self._stores.proposals.get(proposal_id)
        if proposal is None:
            raise UnknownProposal("There is no such proposal.")
        conversation = await self._stores.conversations.unchecked(proposal.conversation_id)
        if conversation.kind != "case":
            raise Forbidden("The customer confirms this in the conversation.")
        case = await self._desk.read(str(conversation.subject))
        if case.assignee != subject:
            raise Forbidden("Take the case first.")
        booking = await self._booking(case, conversation)
        done = await self._confirm(proposal, self._staff_turn(case, conversation, booking, speaker), "caller")
        self._desk.changed(case.case_id)
        return done

    async def rates(self, speaker: Speaker) -> Rates:
        require_staff(speaker)
        return rates_of(await self._stores.resolutions.verdicts())

    async def _free(self, case_id: str, speaker: Speaker) -> Case:
        """A case in a colleague's hands is left to them, a closed one to nobody."""
        case = await self._desk.read(case_id)
        if case.status == "closed":
            raise Forbidden("This case is closed.")
        if case.status == "assigned" and case.assignee != speaker.subject:
            raise CaseTaken(f"This case is assigned to {case.assignee}.")
        return case

    async def _propose(self, case: Case, conversation: Conversation, option: Option, speaker: Speaker) -> Ruling:
        booking = await self._booking(case, conversation)
        if option.confirmed_by == "customer":
            customer = Speaker(
                kind=conversation.kind,  # type: ignore[arg-type]
                subject=conversation.subject,
                customer_id=CustomerId(conversation.customer_id) if conversation.customer_id else None,
            )
            turn = await self._conversing.context(conversation, new_id("m"), customer)
        else:
            turn = self._staff_turn(case, conversation, booking, speaker)
        seen = turn.seen | {str(value) for value in option.arguments.values()}
        arguments = {name: value for name, value in option.arguments.items() if self._takes(option.action, name)}
        return await self._executor.call(option.action, arguments, replace(turn, seen=seen), by="desk")

    def _takes(self, tool: str, argument: str) -> bool:
        return argument in self._executor.tools[tool].arguments.model_fields

    async def _carry_out(self, choice: Choice, proposal: Proposal) -> Accepted:
        conversation = choice.conversation
        live = conversation.kind != "case"
        if choice.option.confirmed_by == "customer" and live:
            await self._desk.say(conversation, choice.reply, "agent")
            shown = [ProposalEvent(proposal=show_proposal(proposal))]
            await self._stores.conversations.log(conversation.id, shown, self._clock())
            self._conversing.announce(conversation.id)
            return Accepted(verdict=choice.verdict, proposal=shown[0].proposal, message="Waiting for the customer.")
        if proposal.status == "awaiting_approval":
            waiting = show_proposal(proposal)
            return Accepted(verdict=choice.verdict, proposal=waiting, message="Waiting for an approval.")
        booking = await self._booking(choice.case, conversation)
        turn = self._staff_turn(choice.case, conversation, booking, choice.speaker)
        how: Confirmation = "staff" if choice.option.action in STAFF_ACTIONS else "caller"
        done = await self._confirm(proposal, turn, how)
        if live:
            await self._desk.say(conversation, choice.reply, "agent")
        return Accepted(verdict=choice.verdict, proposal=done.proposal, message=done.message.text)

    async def _confirm(self, proposal: Proposal, turn: TurnContext, how: Confirmation) -> Executed:
        confirmed = await self._execution.confirm(proposal, turn, how)
        if confirmed.proposal.status in OPEN:
            raise Forbidden(confirmed.say)
        if confirmed.proposal.status not in ("executed", "confirmed"):
            raise ProposalGone(confirmed.say)
        message = show_told(told_entry_id(confirmed.proposal), confirmed.say, confirmed.proposal, self._clock())
        return Executed(proposal=show_proposal(confirmed.proposal), message=message)

    async def _judge(self, resolution: Resolution, choice: Choice, reason: str) -> None:
        kept = KeptVerdict(
            resolution_id=resolution.id,
            option_id=choice.option.id,
            case_id=resolution.case_id,
            situation=resolution.situation,
            verdict=choice.verdict,
            option=choice.option.model_dump(mode="json"),
            reason=reason,
            reply=choice.reply,
            by=str(choice.speaker.subject),
            at=self._clock(),
        )
        if not await self._stores.resolutions.judge(kept):
            raise ProposalGone("This option was decided already.")

    async def _option(self, resolution_id: str, option_id: str) -> tuple[Resolution, Option]:
        body = await self._stores.resolutions.get(resolution_id)
        resolution = Resolution.model_validate(body["shown"]) if body else None
        options = (*resolution.options, *resolution.ineligible) if resolution else ()
        option = next((o for o in options if o.id == option_id), None)
        if resolution is None or option is None:
            raise UnknownOption("There is no such option.")
        return resolution, option

    async def _case(self, request: ResolutionRequest, speaker: Speaker) -> Case:
        if request.case_id is not None:
            return await self._desk.read(request.case_id)
        if request.conversation_id is not None:
            conversation = await self._stores.conversations.unchecked(request.conversation_id)
            if conversation.case_id is None:
                raise UnknownCase("This conversation has not been handed over.")
            return await self._desk.read(conversation.case_id)
        if request.record_locator is None or not request.reason.strip():
            raise Forbidden("Name a case, a conversation, or a booking with the reason for opening it.")
        return await self._open_case(speaker, RecordLocator(request.record_locator.upper()), request.reason)

    async def _open_case(self, speaker: Speaker, locator: RecordLocator, reason: str) -> Case:
        subject = Subject(f"staff:{speaker.subject}")
        try:
            booking = await self._services.booking.get(locator, subject=Subject("system"))
        except NotFound as error:
            raise UnknownCase(f"There is no booking {locator}.") from error
        return await self._services.cases.open(
            kind="call",
            severity="normal",
            summary=reason[:200],
            packet={"reason": reason, "opened_by": str(speaker.subject)},
            customer=booking.booker_id,
            locator=locator,
            conversation_id=None,
            write=Write(key=new_id("case"), subject=subject),
        )

    async def _conversation(self, case: Case) -> Conversation:
        """The conversation of the case; a case without one gets a file of its own, which no customer reads."""
        found = await self._stores.conversations.of_case(case.case_id)
        if found is not None:
            return found
        file = Conversation(
            id=new_id("c"),
            kind="case",
            subject=case.case_id,
            customer_id=None,
            secret_hash=None,
            opened_at=self._clock(),
            status="open",
            handoff="none",
            case_id=case.case_id,
        )
        await self._stores.conversations.open(file)
        return file

    async def _booking(self, case: Case, conversation: Conversation) -> Booking | None:
        """The booking of the case, of the proof, or the only one the customer has."""
        grants = await self._stores.conversations.grants(conversation.id)
        locator = case.record_locator or next((grant.locator for grant in grants), None)
        try:
            if locator is not None:
                return await self._services.booking.get(locator, subject=Subject("system"))
            bookings = await self._services.booking.list_for(case.customer_id) if case.customer_id else ()
        except (NotFound, Fault):
            return None
        live = [booking for booking in bookings if booking.status == "confirmed"]
        return live[0] if live else next(iter(bookings), None)

    async def _standing(self, case: Case, booking: Booking | None) -> Standing:
        customer = case.customer_id or (booking.booker_id if booking else None)
        if customer is None:
            return Standing(severity=case.severity)
        profile = await self._services.profile.get(customer)
        earlier = [c for c in await self._services.cases.list_for(customer) if c.case_id != case.case_id]
        return Standing(tier=profile.tier, severity=case.severity, past_contacts=len(earlier))

    def _staff_turn(
        self, case: Case, conversation: Conversation, booking: Booking | None, speaker: Speaker
    ) -> TurnContext:
        customer = case.customer_id or (booking.booker_id if booking else None)
        return TurnContext(
            conversation_id=ConversationId(conversation.id),
            message_id=MessageId(new_id("m")),
            speaker=speaker,
            grants=(),
            said=(),
            now=self._clock(),
            case_id=case.case_id,
            case_customer=str(customer) if customer else None,
            case_locator=str(booking.record_locator) if booking else case.record_locator,
        )


def _may_approve(proposal: Proposal, speaker: Speaker, subject: str, reason: str) -> None:
    if proposal.approver is None or not {proposal.approver, "supervisor"} & speaker.roles:
        raise Forbidden(f"Only a {proposal.approver or 'supervisor'} can approve this.")
    if str(proposal.proposed_by) == f"staff:{subject}":
        raise Forbidden("Another person than the one who proposed it has to approve it.")
    if not reason.strip():
        raise Forbidden("An approval needs a reason.")
