"""The store: transactions, lookups, and several processes on one file."""

import asyncio
import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.tools.sandbox.calling import Caller
from tools.domain.errors import SettingsError
from tools.domain.ids import CustomerId
from tools.domain.records import PaymentMethod
from tools.sandbox.app import close_sandbox, create_sandbox
from tools.sandbox.held import BOOKINGS, REFUNDS, WALLETS, Wallet, next_version
from tools.sandbox.store import Store


def wallet(customer: str, *tokens: str) -> Wallet:
    methods = tuple(PaymentMethod(token=token, label="Visa") for token in tokens)
    return Wallet(customer_id=CustomerId(customer), methods=methods)


@pytest.fixture
def store() -> Store:
    return Store(":memory:")


def test_a_record_is_kept_found_by_its_terms_and_replaced(store: Store) -> None:
    store.put(WALLETS, wallet("C1", "a"), wallet("C2"))
    store.put(WALLETS, wallet("C1", "a", "b"))
    assert store.get(WALLETS, "C1") == wallet("C1", "a", "b")
    assert store.find(WALLETS, "customer:C1") == (wallet("C1", "a", "b"),)
    assert store.get(WALLETS, "C3") is None
    assert store.count(WALLETS) == 2


def put_and_fail(store: Store, customer: str) -> None:
    with store.transaction():
        store.put(WALLETS, wallet(customer))
        raise KeyError


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError):
        put_and_fail(store, "C1")
    assert store.count(WALLETS) == 0


def test_a_failed_part_undoes_itself_alone(store: Store) -> None:
    with store.transaction():
        store.put(WALLETS, wallet("C1"))
        with pytest.raises(KeyError):
            put_and_fail(store, "C2")
    assert store.all(WALLETS) == (wallet("C1"),)


def test_versions_count_within_their_epoch() -> None:
    assert next_version("6b05.1") == "6b05.2"
    assert next_version("6b05.99") == "6b05.100"


# FastAPI makes the fields of both apps at once and hides this warning from threads one by one
@pytest.mark.filterwarnings("ignore::pydantic.warnings.UnsupportedFieldAttributeWarning")
def test_processes_that_share_a_file_execute_a_key_once(tmp_path: Path, clock: Clock) -> None:
    """Two apps with their own connections and event loops stand for two processes."""
    one, other = [create_sandbox(tmp_path / "airline.db", now=clock) for _ in range(2)]
    first: Store = one.state.airline.store
    booking = first.get(BOOKINGS, "K7XQ2P")
    assert booking is not None

    async def send(app: FastAPI) -> set[bytes]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airline") as http:
            caller, answers = Caller(http), set()
            for _ in range(10):
                path = "/booking/v1/bookings/K7XQ2P/cancellation"
                body = {"refund_minor": 5_000}
                answers.add((await caller.send("POST", path, body, key="one", version=booking.version)).content)
                await asyncio.sleep(0)
            return answers

    async def both() -> set[bytes]:
        threads = [asyncio.to_thread(asyncio.run, send(app)) for app in (one, other)]
        return set().union(*await asyncio.gather(*threads))

    answers = asyncio.run(both())
    assert len(answers) == 1
    assert json.loads(answers.pop())["refunded_minor"] == 5_000
    assert len(first.find(REFUNDS, "booking:K7XQ2P")) == 1
    for app in (one, other):
        close_sandbox(app)


_WRITER = textwrap.dedent("""
    import sys
    from tools.sandbox.store import Store
    from tools.sandbox.held import WALLETS, Wallet
    store = Store(sys.argv[1])
    with store.transaction():
        store.put(WALLETS, Wallet(customer_id="C1", methods=()))
    with store.transaction():
        store.put(WALLETS, Wallet(customer_id="C2", methods=()))
        print("half way", flush=True)
        sys.stdin.read()
""")


def test_a_killed_process_leaves_whole_transactions_only(tmp_path: Path) -> None:
    database = tmp_path / "airline.db"
    with subprocess.Popen(  # noqa: S603 - this interpreter, the script above
        [sys.executable, "-c", _WRITER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half way\n"
        writer.send_signal(signal.SIGKILL)
    store = Store(database)
    assert store.all(WALLETS) == (wallet("C1"),)
    store.close()


@pytest.mark.parametrize("name", ["garbage.db", "a-file/airline.db"])
def test_a_file_that_cannot_be_used_is_one_readable_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "garbage.db").write_bytes(b"no database " * 100)
    (tmp_path / "a-file").touch()
    with pytest.raises(SettingsError, match="cannot keep its records") as raised:
        Store(tmp_path / name)
    assert "\n" not in str(raised.value)
