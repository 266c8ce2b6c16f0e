"""Asks each remote model for one word, with a tool at hand, and says in words what is wrong: `concierge doctor`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import openai
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool

from agent.faults import FaultKind, read_fault
from agent.models import Rung, close_ladder, remote_rungs
from agent.settings import Settings

CHECK_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    name: str
    works: bool
    what: str
    remedy: str = ""


async def check_models(settings: Settings) -> tuple[ModelReport, ...]:
    """One report a remote model, in the order they would be asked. Raises SettingsError."""
    rungs = remote_rungs(settings)
    try:
        return tuple([await _check(rung) for rung in rungs])
    finally:
        await close_ladder(rungs)


@tool
def look_around(place: str) -> str:
    """Looks around a place. Only there to see whether the model takes tools."""
    return place


async def _check(rung: Rung) -> ModelReport:
    asked = [HumanMessage("Answer with the single word: ready")]
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            reply = await rung.model.bind_tools([look_around]).ainvoke(asked)
    except (openai.APIError, TimeoutError, ValueError, LookupError, TypeError) as error:
        kind = read_fault(error).kind
        what, remedy = _WORDS.get(kind, _ELSE)
        return ModelReport(name=rung.name, works=False, what=what, remedy=remedy)
    answered_by = reply.response_metadata.get("model_name") or "the model"
    return ModelReport(name=rung.name, works=True, what=f"{answered_by} answers")


_ELSE = ("It answers, but not with a chat completion.", "Check that the address is that of a chat completions API.")
_WORDS: Mapping[FaultKind, tuple[str, str]] = {
    "unauthorised": (
        "It refuses the key or the identity (401 or 403).",
        "Set OPENAI_API_KEY or AZURE_OPENAI_API_KEY; for a managed identity, give it the role "
        "'Cognitive Services OpenAI User' on the resource.",
    ),
    "missing": (
        "There is no such deployment or model at this address (404).",
        "Compare CONCIERGE_MODEL with the deployment's name, the endpoint and AZURE_OPENAI_API_VERSION; "
        "OPENAI_BASE_URL usually ends in /v1.",
    ),
    "throttled": ("Its quota is used up at the moment (429).", "Wait, or raise the deployment's quota."),
    "broken": ("It answers with an error of its own (5xx).", "Look at the provider's status page or the server's log."),
    "unreachable": (
        "Nobody answers at this address.",
        "Check OPENAI_BASE_URL or AZURE_OPENAI_ENDPOINT, the network and the proxy.",
    ),
    "timed_out": (
        f"No answer came within {CHECK_SECONDS:.0f} seconds.",
        "Check the network; a local model may need longer to load, so ask again.",
    ),
    "rejected": (
        "It refuses the request (400).",
        "Choose a model that takes tools and streaming; for Azure, check AZURE_OPENAI_API_VERSION.",
    ),
}
