"""Cases and the hand-off to a person."""

from datetime import datetime
from typing import ClassVar

from tools.domain.hours import ServiceHours
from tools.domain.ids import CustomerId, RecordLocator
from tools.domain.outcomes import Done, Outcome
from tools.domain.records import Case
from tools.ports import Services, Subject, Write
from tools.proposals import Proposal
from tools.tool import Arguments, Call, Provenance, Tool


class HandOff(Arguments):
    reason: str = ""
    provenance: ClassVar[dict[str, Provenance]] = {}


def case_tools(services: Services, hours: ServiceHours) -> tuple[Tool, ...]:
    async def hand_off(call: Call) -> Outcome:
        case = await open_case(services, call)
        return Done(say=receipt(case, hours, call.turn.now), data={"case_id": case.case_id, "position": case.position})

    return (
        Tool(
            name="hand_off",
            description=(
                "Hands the conversation to a colleague. Use it when the person asks for a person, or when a tool "
                "answered human_needed and the person agrees. Example: reason 'wants to discuss a refund'."
            ),
            arguments=HandOff,
            kind="control",
            least="anonymous",
            read=hand_off,
        ),
    )


async def open_case(services: Services, call: Call) -> Case:
    """One case a message, however often the hand-off is called for it."""
    arguments: HandOff = call.arguments
    turn = call.turn
    proved = next((grant.locator for grant in turn.grants if grant.expires_at > turn.now), None)
    return await services.cases.open(
        kind="conversation",
        severity="normal",
        summary=arguments.reason[:200],
        packet={"said": list(turn.said[-5:]), "grants": [g.locator for g in turn.grants]},
        customer=turn.speaker.customer_id,
        locator=proved,
        conversation_id=turn.conversation_id,
        write=Write(key=f"{turn.message_id}:hand_off", subject=turn.subject_for(proved)),
    )


def receipt(case: Case, hours: ServiceHours, now: datetime) -> str:
    place = f"You are number {case.position} in the queue. " if case.position else ""
    duty = f"Colleagues answer {hours.in_words()}."
    if not hours.on_duty(now):
        duty = f"Nobody is on duty right now: colleagues answer {hours.in_words()}, and your place is kept."
    return (
        f"I have handed this conversation to a colleague (case {case.case_id}). {place}{duty} "
        "You can close this page; the conversation stays here for you."
    )


async def open_rescue(services: Services, proposal: Proposal, why: str) -> str:
    """A case for an act that was done only in part, with all that a person needs to put it right."""
    kind, _, name = str(proposal.subject).partition(":")
    case = await services.cases.open(
        kind="unfinished_action",
        severity="urgent",
        summary=f"{proposal.summary}: only a part of it was done ({why})"[:200],
        packet={"proposal": proposal.id, "tool": proposal.tool, "arguments": dict(proposal.arguments), "why": why},
        customer=CustomerId(name) if kind == "customer" else None,
        locator=RecordLocator(proposal.arguments["record_locator"]) if "record_locator" in proposal.arguments else None,
        conversation_id=proposal.conversation_id,
        write=Write(key=f"{proposal.id}:rescue", subject=Subject("system")),
    )
    return case.case_id
