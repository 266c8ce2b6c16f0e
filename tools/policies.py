"""Policy questions: the clauses that answer, never a guess."""

import asyncio

from knowledge.clause import ClauseRef
from knowledge.search import KnowledgeBase
from tools.domain.outcomes import Done, Outcome
from tools.tool import Arguments, Call, Tool

NO_POLICY = "I have no policy on that."


class PolicyQuery(Arguments):
    query: str


def policy_tools(knowledge: KnowledgeBase) -> tuple[Tool, ...]:
    async def search(call: Call) -> Outcome:
        query: PolicyQuery = call.arguments
        audience = "staff" if call.turn.speaker.kind == "staff" else "customer"
        day = call.turn.now.date()
        found = knowledge.recall(query.query, on=day, audience=audience)
        if found is None:
            found = await asyncio.to_thread(knowledge.search, query.query, on=day, audience=audience)
        passages = [
            {"clause_id": p.clause_id, "title": p.title, "text": p.text, "score": round(p.score, 4)}
            for p in found.passages
        ]
        refs = {p.clause_id: ClauseRef(clause_id=p.clause_id, version=p.version, title=p.title) for p in found.passages}
        say = "" if passages else NO_POLICY
        return Done(say=say, clauses=tuple(refs.values()), data={"passages": passages, "degraded": found.degraded})

    return (
        Tool(
            name="search_policies",
            description=(
                "Finds the airline's policy clauses that answer a question about rules, fares, baggage, rights or "
                "procedures. Use it for every policy question and answer only from what it returns, with its clause "
                "id. Example: query 'size of cabin bag'."
            ),
            arguments=PolicyQuery,
            kind="read",
            least="anonymous",
            read=search,
        ),
    )
