"""The customer's own cases, as they may see them: no notes, no packet."""

from tools.domain.outcomes import Done, Outcome
from tools.domain.records import Case
from tools.ports import Services
from tools.telling import listed
from tools.tool import Call, NoArguments, Tool


def own_case_tools(services: Services) -> tuple[Tool, ...]:
    async def list_cases(call: Call) -> Outcome:
        customer = call.turn.speaker.customer_id
        cases = await services.cases.list_for(customer) if customer else ()
        if not cases:
            return Done(say="You have no cases with us.", data={"cases": []})
        data = {"cases": [{"case_id": case.case_id, "kind": case.kind, "status": case.status} for case in cases]}
        return Done(say="These are your cases:\n" + listed(_line(case) for case in cases), data=data)

    return (
        Tool(
            name="list_cases",
            description=(
                "Lists the signed-in customer's cases with us and where they stand. Use it when they ask about a "
                "complaint, a claim in work or a hand-off. Takes no argument."
            ),
            arguments=NoArguments,
            kind="read",
            least="authenticated",
            read=list_cases,
        ),
    )


def _line(case: Case) -> str:
    return f"{case.case_id}: {case.kind.replace('_', ' ')}, {case.status}, opened {case.opened_at:%d %b %Y}"
