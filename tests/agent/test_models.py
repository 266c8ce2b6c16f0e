"""Which models the settings name, how they are reached, and what is said when they are not."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import AzureChatOpenAI, ChatOpenAI
from pydantic import SecretStr

from agent import models
from agent.model_check import ModelReport, check_models, look_around
from agent.models import build_ladder, close_ladder, remote_rungs
from agent.prompt_view import Prompt, show_prompt
from agent.settings import Settings
from agent.wire import Wire
from tests.agent.misbehaving import Act, ModelServer, Scripted, Silent, fails, says, serving
from tests.agent.scripted import ScriptedModel
from tools.domain.errors import SettingsError


def openai_settings(server: ModelServer, **more: Any) -> Settings:
    return Settings(model="openai:mock-1", openai_base_url=server.url, openai_api_key=SecretStr("k"), **more)


def azure_settings(server: ModelServer, **more: Any) -> Settings:
    return Settings(model="azure:our-gpt", azure_endpoint=server.origin, **more)


async def ask(settings: Settings) -> str:
    rungs = remote_rungs(settings)
    answer = await rungs[0].model.ainvoke("Hello")
    await close_ladder(rungs)
    return str(answer.content)


def test_the_embedded_model_alone_is_the_default() -> None:
    rungs = build_ladder(Settings(), lambda: ScriptedModel(script=[]))
    assert [(rung.name, rung.remote) for rung in rungs] == [("embedded", False)]


async def test_two_deployments_stand_before_the_embedded_model() -> None:
    settings = Settings(
        model="azure:first",
        second_model="openai:second",
        azure_endpoint="http://127.0.0.1:1",
        openai_api_key=SecretStr("k"),
    )
    rungs = build_ladder(settings, lambda: ScriptedModel(script=[]))
    await close_ladder(rungs)
    assert [(rung.name, rung.remote) for rung in rungs] == [
        ("azure:first", True),
        ("openai:second", True),
        ("embedded", False),
    ]
    assert isinstance(rungs[0].model, AzureChatOpenAI)
    assert isinstance(rungs[1].model, ChatOpenAI)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(model="gpt-4o"), "CONCIERGE_MODEL: 'gpt-4o' is none of"),
        (Settings(model="openai:"), "CONCIERGE_MODEL"),
        (Settings(model="openai:gpt", openai_api_key=None, openai_base_url=None), "OPENAI_API_KEY"),
        (Settings(model="azure:gpt", azure_endpoint=None), "AZURE_OPENAI_ENDPOINT"),
    ],
)
def test_a_model_that_cannot_be_reached_is_refused_by_the_name_of_its_setting(settings: Settings, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        remote_rungs(settings)


async def test_a_server_of_ones_own_needs_no_key() -> None:
    async with serving(says("Here.")) as server:
        assert await ask(Settings(model="openai:llama3", openai_base_url=server.url, openai_api_key=None)) == "Here."
    assert server.requests[0]["model"] == "llama3"


async def test_azure_is_asked_by_deployment_version_and_key() -> None:
    async with serving(says("Here.")) as server:
        assert await ask(azure_settings(server, azure_api_key=SecretStr("secret"))) == "Here."
    assert server.paths == ["/openai/deployments/our-gpt/chat/completions?api-version=2024-10-21"]
    assert server.keys == ["secret"]
    assert server.requests[0]["stream_options"] == {"include_usage": True}


async def test_azure_without_a_key_is_asked_with_the_machines_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    async def token() -> str:
        return "of-the-machine"

    async def close() -> None:
        closed.append(True)

    monkeypatch.setattr(models, "_managed_identity", lambda: (token, close))
    async with serving(says("Here.")) as server:
        assert await ask(azure_settings(server, azure_api_key=None)) == "Here."
    assert server.keys == ["Bearer of-the-machine"]
    assert closed == [True]


async def test_each_request_to_azure_carries_the_token_of_its_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(("early", "late"))

    async def token() -> str:
        return next(tokens)

    async def close() -> None:
        pass

    monkeypatch.setattr(models, "_managed_identity", lambda: (token, close))
    async with serving(says("Here."), says("There.")) as server:
        rungs = remote_rungs(azure_settings(server, azure_api_key=None))
        said = [str((await rungs[0].model.ainvoke("Hello")).content) for _ in range(2)]
        await close_ladder(rungs)
    assert said == ["Here.", "There."]
    assert server.keys == ["Bearer early", "Bearer late"]
    assert server.paths == ["/openai/deployments/our-gpt/chat/completions?api-version=2024-10-21"] * 2


@pytest.mark.parametrize("stock", [False, True])
async def test_a_setting_brings_back_the_stock_client(stock: bool) -> None:
    async with serving() as server:
        rungs = remote_rungs(openai_settings(server, stock_client=stock))
        model = rungs[0].model
        await close_ladder(rungs)
    assert isinstance(model, ChatOpenAI)
    assert isinstance(model.async_client, Wire) is not stock


async def checked(*script: Scripted) -> ModelReport:
    async with serving(*script) as server:
        (report,) = await check_models(openai_settings(server))
    return report


async def test_the_check_asks_for_one_word_with_a_tool_at_hand() -> None:
    async with serving(says("ready")) as server:
        (report,) = await check_models(openai_settings(server))
    assert report == ModelReport(name="openai:mock-1", works=True, what="mock-1 answers")
    assert server.requests[0]["tools"][0]["function"]["name"] == "look_around"


WRONG: Sequence[tuple[Act, str, str]] = [
    (fails(401), "refuses the key", "OPENAI_API_KEY"),
    (fails(404, "DeploymentNotFound"), "no such deployment", "CONCIERGE_MODEL"),
    (fails(429), "quota", "quota"),
    (fails(500), "error of its own", "status page"),
    (fails(400, "unsupported_parameter"), "refuses the request", "takes tools"),
    (Act(body={"hello": "world"}), "not with a chat completion", "chat completions API"),
]


@pytest.mark.parametrize(("act", "what", "remedy"), WRONG)
async def test_the_check_says_what_is_wrong_and_how_to_mend_it(act: Act, what: str, remedy: str) -> None:
    report = await checked(act)
    assert not report.works
    assert what in report.what
    assert remedy in report.remedy


async def test_the_check_says_that_nobody_is_there() -> None:
    async with serving() as server:
        settings = openai_settings(server)
    (report,) = await check_models(settings)
    assert "Nobody answers" in report.what


async def test_the_check_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.model_check.CHECK_SECONDS", 0.05)
    async with asyncio.timeout(2):
        report = await checked(Silent())
    assert "No answer came" in report.what


async def test_the_embedded_model_needs_no_check() -> None:
    assert await check_models(Settings()) == ()


def test_a_prompt_is_shown_as_it_is_sent() -> None:
    call = {"name": "look_around", "args": {"place": "Köln"}, "id": "1", "type": "tool_call"}
    shown = show_prompt(
        Prompt(
            rung="openai:gpt",
            messages=[
                HumanMessage("Hello"),
                AIMessage("", tool_calls=[call]),
                ToolMessage("seen", name="look_around", tool_call_id="1"),
            ],
            tools=[look_around],
        )
    )
    assert shown.splitlines()[:3] == ["=== to openai:gpt", "--- tools", shown.splitlines()[2]]
    assert '"name": "look_around"' in shown
    assert shown.splitlines()[3:] == [
        "--- user",
        "Hello",
        "--- assistant",
        'calls look_around {"place": "Köln"}',
        "--- tool look_around",
        "seen",
    ]
