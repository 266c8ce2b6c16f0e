"""The engine's parts with spans around them: model (OpenTelemetry's GenAI conventions), tools, policy, execution."""

from collections.abc import Mapping

from langchain_core.messages import AIMessage
from opentelemetry.trace import SpanKind

from agent.ladder import Attempt, Ladder, Question
from agent.voice import Voice
from tools.audit import Confirmation
from tools.context import TurnContext
from tools.execution import Confirmed, Execution
from tools.executor import Caller, Executor, Ruling
from tools.policy import Policy, Share
from tools.proposals import Proposal
from tools.tool import Call
from tools.tracing import span


class TracedLadder(Ladder):
    async def _speak(self, attempt: Attempt, question: Question, voice: Voice) -> AIMessage:
        provider, _, model = attempt.rung.name.rpartition(":")
        known = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(provider, provider or "concierge"),
            "gen_ai.request.model": model,
        }
        with span(f"chat {model}", known, kind=SpanKind.CLIENT) as current:
            before = question.scope.usage.usage()
            message = await super()._speak(attempt, question, voice)
            after = question.scope.usage.usage()
            current.set_attribute("gen_ai.usage.input_tokens", after.prompt_tokens - before.prompt_tokens)
            current.set_attribute("gen_ai.usage.output_tokens", after.completion_tokens - before.completion_tokens)
            reason = "tool_calls" if message.tool_calls else "stop"
            current.set_attribute("gen_ai.response.finish_reasons", [reason])
            return message


class TracedExecutor(Executor):
    async def call(
        self, name: str, arguments: Mapping[str, object], turn: TurnContext, *, by: Caller = "model"
    ) -> Ruling:
        tool = name if name in self.tools else "unknown"
        known = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool, "concierge.caller": by}
        with span(f"execute_tool {tool}", known) as current:
            ruling = await super().call(name, arguments, turn, by=by)
            current.set_attribute("concierge.outcome", ruling.audit.outcome)
            return ruling


class TracedPolicy(Policy):
    async def shares(self, action: str, call: Call) -> tuple[Share, ...]:
        with span("policy decide", {"concierge.action": action}) as current:
            shares = await super().shares(action, call)
            current.set_attribute("concierge.outcome", ",".join(sorted({s.decision.effect for s in shares})))
            clauses = sorted({clause.clause_id for share in shares for clause in share.decision.clauses})
            current.set_attribute("concierge.clauses", clauses)
            return shares


class TracedExecution(Execution):
    async def confirm(self, proposal: Proposal, turn: TurnContext, how: Confirmation) -> Confirmed:
        with span("proposal confirm", {"gen_ai.tool.name": proposal.tool, "concierge.confirmed": how}) as current:
            confirmed = await super().confirm(proposal, turn, how)
            current.set_attribute("concierge.outcome", confirmed.proposal.status)
            return confirmed

    async def resume(self, proposal: Proposal) -> Confirmed:
        with span("proposal resume", {"gen_ai.tool.name": proposal.tool}) as current:
            confirmed = await super().resume(proposal)
            current.set_attribute("concierge.outcome", confirmed.proposal.status)
            return confirmed


_PROVIDERS = {"azure": "azure.ai.openai", "openai": "openai"}
"""By the prefix of the model's setting; the names are the conventions' own."""
