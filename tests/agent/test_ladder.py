"""Every fault of a model server, from a real one on the loopback that misbehaves so: what the customer gets, how often
the server was asked, and within which time."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from agent.bootstrap import Overrides
from agent.ladder import BROKEN_OFF, DOWN, MODEL_CALLS
from agent.prompt_view import Prompt, show_prompt
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.agent.ladder_stage import HOME, Staging
from tests.agent.misbehaving import (
    Act,
    Body,
    Scripted,
    Silent,
    calls,
    cuts,
    ends_early,
    fails,
    finishes,
    reports_error,
    says,
    stalls,
)
from tests.agent.talk import customer, talk
from tests.conftest import Clock
from tools.sandbox.people import ADA, JONAS

pytestmark = pytest.mark.asyncio(loop_scope="module")
BAG = "You may bring a cabin bag. [[BAG-CABIN]]"
SEARCH = calls(("search_policies", {"query": "cabin bag"}))
FILTERED: Body = {"message": "The response was filtered", "code": "content_filter"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    seeded_home: Path, tmp_path_factory: pytest.TempPathFactory, embedder: MiniLM, pack: PolicyPack
) -> AsyncIterator[Staging]:
    home = tmp_path_factory.mktemp("ladder")
    shutil.copytree(seeded_home, home / "seeded")
    async with AsyncExitStack() as stack:
        yield Staging(home, Overrides(clock=Clock(), embedder=embedder, pack=pack), stack)


async def test_a_plain_question_takes_two_calls(stage: Staging) -> None:
    async with stage(SEARCH, says(BAG)) as on:
        answer = await on.say()
    assert answer.message.text == "You may bring a cabin bag."
    assert [c.clause_id for c in answer.message.citations] == ["BAG-CABIN"]
    assert on.asked == (2, 0, 0)


FAULTS_BEFORE_A_WORD: dict[str, tuple[Act, int]] = {
    "the prompt is filtered": (fails(400, "content_filter"), 1),
    "the prompt is too long": (fails(400, "context_length_exceeded"), 1),
    "another 400": (fails(400, "unsupported_parameter"), 1),
    "401": (fails(401, "invalid_api_key"), 1),
    "403": (fails(403), 1),
    "404 deployment": (fails(404, "DeploymentNotFound"), 1),
    "429 with a long Retry-After": (fails(429, Retry_After="30"), 1),
    "500": (fails(500), 2),
    "503": (fails(503), 2),
    "429": (fails(429), 2),
    "429 with a short Retry-After": (fails(429, Retry_After="0"), 2),
    "429 in milliseconds": (fails(429, Retry_After_Ms="20"), 2),
    "the connection breaks": (cuts(), 2),
    "the stream breaks in the first sentence": (cuts("You may"), 2),
    "the stream ends without a reason": (ends_early("You may"), 2),
    "an error event": (reports_error("You", {"message": "overloaded"}), 2),
    "no JSON": (Act(events=["{no json"]), 2),
    "a chunk of another kind": (Act(events=['{"choices": [{"delta": {"content": 7}}]}']), 2),
    "an empty reply": (says(""), 1),
    "blanks": (says("  "), 1),
    "no event at all": (Act(), 2),
    "the reply is filtered": (finishes("", "content_filter"), 1),
    "the reply is filtered by an event": (reports_error("You", FILTERED), 1),
    "the reply is cut by its length": (finishes("You may", "length"), 1),
}


@pytest.mark.parametrize("fault", FAULTS_BEFORE_A_WORD)
async def test_a_fault_before_a_sentence_gives_way_to_the_last_rung(stage: Staging, fault: str) -> None:
    act, asked = FAULTS_BEFORE_A_WORD[fault]
    async with stage(act, act, act) as on:
        answer = await on.say()
    assert answer.message.text == HOME
    assert answer.outcome.kind == "answered"
    assert on.asked == (asked, 0, 1)
    assert answer.usage.model_calls == asked + 1


@pytest.mark.parametrize("fault", ["500", "429", "401", "404 deployment", "an empty reply", "no JSON"])
async def test_a_second_deployment_is_asked_before_the_last_rung(stage: Staging, fault: str) -> None:
    act, _ = FAULTS_BEFORE_A_WORD[fault]
    async with stage(act, second=[SEARCH, says(BAG)]) as on:
        answer = await on.say()
    assert answer.message.text == "You may bring a cabin bag."
    assert on.asked == (1, 2, 0)


async def test_a_filter_is_not_asked_twice_by_way_of_another_deployment(stage: Staging) -> None:
    async with stage(fails(400, "content_filter"), second=[]) as on:
        answer = await on.say()
    assert answer.message.text == HOME
    assert on.asked == (1, 0, 1)


@pytest.mark.parametrize("code", ["content_filter", "context_length_exceeded"])
async def test_a_refused_prompt_is_sent_once_more_without_the_turns_before(stage: Staging, code: str) -> None:
    async with stage(says("Hello."), fails(400, code), says("Yes.")) as on:
        await on.say("Hello, I am rude.")
        answer = await on.say("And now?")
    assert answer.message.text == "Yes."
    assert len(on.server.requests[1]["messages"]) == 4
    alone = on.server.requests[2]["messages"]
    assert [m["role"] for m in alone] == ["system", "user"]
    assert alone[0] == on.server.requests[1]["messages"][0]
    assert alone[1]["content"].endswith("And now?")


@pytest.mark.parametrize("act", [fails(500), fails(429, Retry_After="0"), cuts()])
async def test_a_single_failure_is_repeated_and_not_noticed(stage: Staging, act: Act) -> None:
    async with stage(act, says("Fine again.")) as on:
        answer = await on.say()
    assert answer.message.text == "Fine again."
    assert on.asked == (2, 0, 0)


@pytest.mark.parametrize("act", [Silent(), stalls(), stalls("You may")])
async def test_a_server_that_says_nothing_costs_half_a_turn_at_most(stage: Staging, act: Scripted) -> None:
    async with stage(act, seconds=0.4) as on, asyncio.timeout(2):
        answer = await on.say()
    assert answer.message.text == HOME
    assert on.asked == (1, 0, 1)


async def test_two_silent_deployments_leave_time_for_the_last_rung(stage: Staging) -> None:
    async with stage(Silent(), second=[Silent()], seconds=0.6) as on:
        began = asyncio.get_running_loop().time()
        answer = await on.say()
        took = asyncio.get_running_loop().time() - began
    assert answer.message.text == HOME
    assert on.asked == (1, 1, 1)
    assert took < 2  # both waits together are 0.57 s; the rest is the machine's


BROKEN_AFTER_A_SENTENCE: dict[str, Act] = {
    "cut": cuts("Let me look. The next"),
    "cut in a later word": cuts("Let me look. The next one is not"),
    "ended early": ends_early("Let me look. The next"),
    "error event": reports_error("Let me look. The next", {"message": "overloaded"}),
    "filtered": finishes("Let me look. The next", "content_filter"),
    "filtered by an event": reports_error("Let me look. The next", FILTERED),
    "length": finishes("Let me look. The next", "length"),
    "no JSON": Act(events=[*cuts("Let me look. The next").events, "{"]),
}


@pytest.mark.parametrize("fault", BROKEN_AFTER_A_SENTENCE)
async def test_what_was_said_stays_and_nobody_says_it_again_or_otherwise(stage: Staging, fault: str) -> None:
    async with stage(BROKEN_AFTER_A_SENTENCE[fault], second=[says("No, do not look.")]) as on:
        answer = await on.say()
        assert answer.message.text == f"Let me look. {BROKEN_OFF}"
        assert on.asked == (1, 0, 0)
        on.server.script.append(says("Here is the rest."))
        on.second.script[:] = [says("Here is the rest.")]
        await on.say("go on")
    sent = (on.server.requests + on.second.requests)[-1]["messages"]
    assert any(m["content"] == f"Let me look. {BROKEN_OFF}" for m in sent if m["role"] == "assistant")


async def test_silence_after_a_sentence_ends_the_reply_in_time(stage: Staging) -> None:
    async with stage(stalls("Let me look. The next"), seconds=0.4) as on, asyncio.timeout(2):
        answer = await on.say()
    assert answer.message.text == f"Let me look. {BROKEN_OFF}"


async def test_a_broken_reply_runs_none_of_its_calls(stage: Staging) -> None:
    broken = calls(("hand_off", {"reason": "x"}), text="Let me look. I")
    async with stage(Act(events=broken.events[:-2], ending="cut")) as on:
        answer = await on.say("a person please")
    assert answer.handoff.state == "none"
    assert answer.message.text in (f"Let me look. {BROKEN_OFF}", "Fine.")  # broken off, or said by the next rung


async def test_arguments_that_are_no_json_are_sent_back_once(stage: Staging) -> None:
    torn = calls(("search_policies", '{"query": "cabin bag'))
    async with stage(torn, SEARCH, says(BAG)) as on:
        answer = await on.say()
    assert answer.message.text == "You may bring a cabin bag."
    assert on.asked == (3, 0, 0)
    told = on.server.requests[1]["messages"][-1]
    assert told["role"] == "tool"
    assert "no valid JSON" in told["content"]


async def test_arguments_that_are_no_json_twice_give_way(stage: Staging) -> None:
    torn = calls(("search_policies", '{"query": "cabin bag'))
    async with stage(torn, torn) as on:
        answer = await on.say()
    assert answer.message.text == HOME
    assert on.asked == (2, 0, 1)


async def test_wrong_arguments_and_unknown_tools_are_told_to_the_model(stage: Staging) -> None:
    wrong = calls(("search_policies", {"text": 1}), ("refund_everything", {"amount": 1000000}))
    async with stage(wrong, says("I cannot do that.")) as on:
        answer = await on.say()
    assert answer.message.text == "I cannot do that."
    told = [m["content"] for m in on.server.requests[1]["messages"] if m["role"] == "tool"]
    assert "query: Field required" in told[0]
    assert "There is no such tool" in told[1]


async def test_parallel_reads_are_all_answered(stage: Staging) -> None:
    both = calls(
        ("search_policies", {"query": "cabin bag"}), ("list_bookings", {}), ("search_policies", {"query": "pet"})
    )
    async with stage(both, says(BAG)) as on:
        await on.say()
    messages = on.server.requests[1]["messages"]
    made = next(m["tool_calls"] for m in messages if m.get("tool_calls"))
    answered = [m["tool_call_id"] for m in messages if m["role"] == "tool"]
    assert [call["id"] for call in made] == answered
    assert len(set(answered)) == 3


async def test_calls_with_the_same_id_are_told_apart(stage: Staging) -> None:
    twice = calls(("list_bookings", {}), ("search_policies", {"query": "bag"}))
    events = [_with_id(event, "call_0") for event in twice.events]
    async with stage(Act(events=events), says(BAG)) as on:
        await on.say()
    answered = [m["tool_call_id"] for m in on.server.requests[1]["messages"] if m["role"] == "tool"]
    assert len(set(answered)) == 2


async def test_two_writes_in_one_reply_make_one_card(stage: Staging) -> None:
    write = ("cancel_booking", {"record_locator": ADA.locator})
    async with stage(calls(write, write)) as on:
        answer = await on.say(f"cancel {ADA.locator}, twice")
        assert len(answer.proposals) == 1
        on.server.script.append(says("Yes."))
        await on.say("what now?")
    told = [m["content"] for m in on.server.requests[-1]["messages"] if m["role"] == "tool"]
    assert sum("One card at a time" in text for text in told) == 1
    assert sum('"proposed"' in text for text in told) == 1


async def test_what_is_said_beside_a_call_is_read_once_by_person_and_model(stage: Staging) -> None:
    beside = calls(("search_policies", {"query": "cabin bag"}), text="Let me look that up.")
    async with stage(beside, says(BAG), says("Fine.")) as on:
        answer = await on.say()
        await on.say("thanks")
    assert answer.message.text == "Let me look that up. You may bring a cabin bag."
    said = [m["content"] for m in on.server.requests[2]["messages"] if m["role"] == "assistant"]
    assert sum("Let me look that up." in (text or "") for text in said) == 1


async def test_an_endless_loop_ends_with_an_answer_on_the_sixth_call(stage: Staging) -> None:
    def obedient(request: Body) -> Act:
        return says("Here is what I found.") if request.get("tool_choice") == "none" else SEARCH

    async with stage(*[obedient] * 9) as on:
        answer = await on.say()
    assert answer.message.text == "Here is what I found."
    assert on.asked == (MODEL_CALLS, 0, 0)


async def test_a_loop_that_heeds_nothing_ends_with_the_offer_of_a_person(stage: Staging) -> None:
    async with stage(*[SEARCH] * 9) as on:
        answer = await on.say()
    assert "hand you over to a colleague" in answer.message.text
    assert on.asked == (MODEL_CALLS, 0, 0)


async def test_no_more_than_six_requests_reach_servers_that_fail_on_and_off(stage: Staging) -> None:
    async with stage(*[fails(500), SEARCH] * 9) as on:
        answer = await on.say()
    assert on.asked[0] == MODEL_CALLS
    assert answer.message.text


async def test_when_every_rung_fails_a_person_is_offered(stage: Staging) -> None:
    async with stage(fails(401)) as on:
        on.home.script[:] = [ValueError("broken")]
        answer = await on.say()
    assert answer.message.text == DOWN


async def test_a_rung_that_failed_is_not_asked_again_in_the_turn(stage: Staging) -> None:
    async with stage(fails(500), fails(500)) as on:
        on.home.script[:] = [[("search_policies", {"query": "cabin bag"})], BAG]
        answer = await on.say()
    assert answer.message.text == "You may bring a cabin bag."
    assert on.asked == (2, 0, 2)


async def test_a_dead_deployment_rests_and_costs_the_next_turns_nothing(stage: Staging) -> None:
    async with stage(fails(401)) as on:
        on.home.script[:] = [HOME] * 9
        for _ in range(3):
            await on.say()
        assert on.asked == (1, 0, 3)
        on.platform.ladder.breakers["openai:first"].resting_until = 0.1  # a minute later
        await on.say()
    assert on.asked == (2, 0, 3)


async def test_a_server_killed_in_mid_conversation_is_followed_by_the_last_rung_within_two_seconds(
    stage: Staging,
) -> None:
    async with stage(SEARCH, says(BAG)) as on:
        await on.say()
        await on.server.kill()
        on.home.script[:] = [HOME] * 2
        async with asyncio.timeout(2):
            answer = await on.say("and a second one?")
    assert answer.message.text == HOME
    roles = [type(m).__name__ for m in on.home.seen[-1]]
    assert roles == [
        "SystemMessage",
        "HumanMessage",
        "AIMessage",
        "ToolMessage",
        "AIMessage",
        "SystemMessage",
        "HumanMessage",
    ]


async def test_the_prefix_of_fifty_turns_is_the_same_bytes(stage: Staging) -> None:
    async with stage(*[says("Fine.")] * 50) as on:
        for turn in range(50):
            await on.say(f"question {turn}")
    first = on.server.requests[0]
    for request in on.server.requests:
        assert request["messages"][0] == first["messages"][0]
        assert request["tools"] == first["tools"]
        assert [m["role"] for m in request["messages"]].count("system") == 1
    earlier, later = on.server.requests[10]["messages"], on.server.requests[11]["messages"]
    assert later[: len(earlier) - 1] == earlier[:-1]


async def test_the_whole_cancellation_runs_over_a_remote_model(stage: Staging) -> None:
    async with stage(calls(("list_bookings", {})), calls(("cancel_booking", {"record_locator": ADA.locator}))) as on:
        answer = await on.say("please cancel my booking")
        assert answer.outcome.kind == "proposed"
        done = await on.person.confirm(answer)
    assert done.proposal.status == "executed"
    assert on.asked == (2, 0, 0)
    assert answer.usage.prompt_tokens == 2400
    assert answer.usage.cached_tokens == 2048


async def test_what_a_conversation_used_is_the_sum_of_its_turns(stage: Staging) -> None:
    async with stage(SEARCH, says(BAG), says("Fine.")) as on:
        first, second = await on.say(), await on.say("thanks")
        view = await on.platform.concierge.conversation(on.person.conversation_id, on.person.speaker)
    assert first.usage.price_micros is None  # nobody knows what this model costs
    assert first.usage.first_sentence_ms is not None
    assert view.usage.model_calls == first.usage.model_calls + second.usage.model_calls == 3
    assert view.usage.prompt_tokens == 3600


async def test_a_watcher_is_shown_what_the_model_is_sent(stage: Staging) -> None:
    seen: list[Prompt] = []
    async with stage(SEARCH, says(BAG)) as on:
        on.platform.ladder.watch = seen.append
        await on.say()
        on.platform.ladder.watch = None
    assert [len(prompt.messages) for prompt in seen] == [len(r["messages"]) for r in on.server.requests]
    assert "How big may my cabin bag be?" in show_prompt(seen[0])
    assert "--- tool search_policies" in show_prompt(seen[1])


def _with_id(event: Body | str, call_id: str) -> Body | str:
    if isinstance(event, dict):
        for choice in event["choices"]:
            for call in (choice["delta"] or {}).get("tool_calls") or ():
                call.update({"id": call_id} if "id" in call else {})
    return event


async def test_another_persons_model_words_reach_nobody_else(stage: Staging) -> None:
    async with stage(says("Only for Ada.")) as on:
        await on.say("hello")
        other = await talk(on.platform, customer(JONAS))
        on.server.script.append(says("For Jonas."))
        await other.say("hello")
    assert all("Only for Ada." not in str(m["content"]) for m in on.server.requests[1]["messages"])
