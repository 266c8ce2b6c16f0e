"""The audit shows what was decided, and shows when somebody touched it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from agent.bootstrap import Platform
from tests.agent.talk import customer, talk
from tests.conftest import Clock
from tools.sandbox.people import ADA


async def cancel(platform: Platform, script: list[object]) -> str:
    person = await talk(platform, customer(ADA))
    script += [[("list_bookings", {})], [("cancel_booking", {"record_locator": ADA.locator})]]
    answer = await person.say("please cancel my booking")
    await person.confirm(answer)
    return answer.proposals[0].id


async def test_a_confirmed_act_is_explained_by_clause_facts_and_button(
    platform: Platform, script: list[object]
) -> None:
    proposal = await cancel(platform, script)
    called, executed = await platform.stores.audit.explain(proposal)
    assert called["outcome"] == "Proposed"
    assert executed["outcome"] == "executed"
    assert executed["confirmed"] == "button"
    assert called["facts"]["booking.fare_family"] == "flex"  # type: ignore[index]
    assert ADA.surname not in str([called, executed])
    assert str(ADA.customer_id) not in str([called, executed])


async def test_an_untouched_trail_verifies(platform: Platform, script: list[object], clock: Clock) -> None:
    await cancel(platform, script)
    await platform.stores.audit.seal(clock.now)
    assert (await platform.stores.audit.verify()).findings == ()


@pytest.mark.parametrize(
    ("damage", "shown"),
    [
        ("update audit set body = replace(body, 'flex', 'light') where number = 2", "changed"),
        ("delete from audit where number = 2", "missing"),
        ("delete from audit where number = (select max(number) from audit)", "cut"),
        ("delete from audit", "cut"),
        ("update audit set number = number + 100 where number = 2", "missing"),
        ("update audit_roots set heads = '{}'", "root was changed"),
        ("delete from audit_roots", "written outside"),
    ],
)
async def test_every_kind_of_damage_shows(
    platform: Platform, script: list[object], clock: Clock, damage: str, shown: str
) -> None:
    await cancel(platform, script)
    await platform.stores.audit.seal(clock.now + timedelta(minutes=1))
    async with platform.stores.database.writing() as connection:
        await connection.execute(text(damage))
    findings = (await platform.stores.audit.verify()).findings
    assert any(shown in finding.what for finding in findings), findings
