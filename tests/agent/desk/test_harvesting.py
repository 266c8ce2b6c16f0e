"""Verdicts of staff come back as eval cases, and as rates."""

import json
from datetime import timedelta
from pathlib import Path

from agent.bootstrap import Platform
from agent.desk.harvesting import harvest
from agent.interface import ResolutionRequest
from evals.deciding import resolution_questions
from evals.questions import Parts
from knowledge.values import parse_value, write_value
from tests.agent.desk.test_desk import ANNA, BEN, hand_off
from tests.agent.scripted import ScriptedModel
from tests.conftest import NOON
from tools.sandbox.people import EMMA, JONAS


async def test_an_accepted_option_becomes_a_case_that_the_pack_answers_the_same_way(
    platform: Platform, script: list[object], tmp_path: Path
) -> None:
    _, case_id = await hand_off(platform, script, EMMA, "my flight was cancelled, help")
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    await platform.deciding.accept(resolution.id, resolution.options[0].id, ANNA)
    await platform.deciding.reject(resolution.id, resolution.options[-1].id, ANNA, reason="Emma Novak would be angry")
    [case] = await exported(platform)
    assert (case["situation"], case["first"]) == ("cancelled", "rebook_disrupted")
    assert case["rejected"] == ["issue_goodwill:voucher"]
    written = json.dumps(case)
    assert EMMA.surname not in written
    assert EMMA.locator not in written
    file = tmp_path / "cases.jsonl"
    file.write_text(written + "\n")
    asked = resolution_questions(parts(platform), [file])
    assert not asked.unscored
    [question] = asked.asked
    assert question.wrong(question.ask()) == ""


async def test_what_policy_denies_is_exported_as_never_and_fails_when_it_is_offered(
    platform: Platform, script: list[object], tmp_path: Path
) -> None:
    _, case_id = await hand_off(platform, script, JONAS, "I booked the same trip twice by mistake")
    resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), ANNA)
    denied = next(option for option in resolution.ineligible if option.action == "cancel_booking")
    await platform.deciding.reject(resolution.id, denied.id, ANNA, reason="not possible indeed")
    [case] = await exported(platform)
    assert case["first"] is None
    assert "cancel_booking" in list(case["never"])  # type: ignore[call-overload]
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(case) + "\n")
    [question] = resolution_questions(parts(platform), [file]).asked
    assert question.wrong(question.ask()) == ""
    assert question.wrong(["cancel_booking"])


async def test_rates_tell_how_each_option_and_clause_fared(platform: Platform, script: list[object]) -> None:
    for text, reply in (("my flight was cancelled, help", None), ("cancelled flight, a person please", "Shall I?")):
        _, case_id = await hand_off(platform, script, EMMA, text)
        resolution = await platform.concierge.resolve(ResolutionRequest(case_id=case_id), BEN)
        await platform.deciding.accept(resolution.id, resolution.options[0].id, BEN, reply=reply)
    rates = await platform.deciding.rates(ANNA)
    assert rates.verdicts == 2
    [rebooking] = rates.options
    assert (rebooking.name, rebooking.decided) == ("rebook_disrupted", 2)
    assert (rebooking.accepted, rebooking.edited, rebooking.rejected) == (0.5, 0.5, 0.0)
    assert {rate.name for rate in rates.clauses} == {
        f"{c.clause_id} v{c.version}" for c in resolution.options[0].clauses
    }


def test_written_values_are_read_the_same() -> None:
    for kind, value in (("duration", timedelta(hours=-5)), ("duration", timedelta(days=3)), ("timestamp", NOON)):
        assert parse_value(kind, write_value(value)) == value  # type: ignore[arg-type]
    assert parse_value("strings", write_value(("A", "B"))) == ("A", "B")


async def exported(platform: Platform) -> tuple[dict[str, object], ...]:
    kept = platform.stores.resolutions
    return harvest(await kept.verdicts(), await kept.judged())


def parts(platform: Platform) -> Parts:
    return Parts(
        pack=platform.pack, knowledge=lambda: platform.knowledge, model=lambda: ScriptedModel(script=[]), tools=()
    )
