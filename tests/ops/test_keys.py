"""The keys outside the database: the same on every host by a setting, and replaced without losing what was signed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.bootstrap import Platform
from agent.store.audit import AuditTrail
from agent.store.keys import audit_keys, identity_key
from tests.agent.talk import talk
from tests.conftest import NOON
from tools.domain.errors import SettingsError

OLD, NEW = "1f" * 32, "2e" * 32


def test_hosts_that_are_given_one_key_share_it(tmp_path: Path) -> None:
    assert identity_key(SecretStr(OLD), tmp_path) == bytes.fromhex(OLD)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_make_the_homes_key_at_the_same_time_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: identity_key(None, tmp_path), range(8)))
    assert len(made) == 1
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("identity.key", 0o600)]


@pytest.mark.parametrize("given", ["", "abc", "1f" * 31, f"{OLD} {NEW[:-2]}"])
def test_a_key_of_the_wrong_length_stops_the_start_and_is_not_shown(given: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        audit_keys(SecretStr(given), tmp_path)
    assert "CONCIERGE_AUDIT_KEY" in str(refused.value)
    assert not given or given not in str(refused.value)


async def test_a_new_key_signs_and_the_old_one_still_verifies(
    platform: Platform, script: list[object], home: Path
) -> None:
    database = platform.stores.database

    async def speak_and_seal(key: str) -> AuditTrail:
        trail = AuditTrail(database, home=home, key=SecretStr(key))
        script[:] = [[("search_policies", {"query": "cabin bag"})], "Hello."]
        await (await talk(platform)).say("how big may my cabin bag be?")
        assert await trail.seal(NOON)
        return trail

    (home / "audit-roots.jsonl").unlink(missing_ok=True)
    await speak_and_seal(OLD)
    both = await speak_and_seal(f"{NEW} {OLD}")
    assert (await both.verify()).findings == ()
    alone = AuditTrail(database, home=home, key=SecretStr(NEW))
    assert [finding.number for finding in (await alone.verify()).findings] == [1]
