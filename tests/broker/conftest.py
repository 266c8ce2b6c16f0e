"""One broker for the tests of a module, and a hub of its own for each test."""

import gc
import itertools
import warnings
from collections.abc import Iterator

import pytest

from tests.broker.broker import RunningBroker, running_broker
from tests.broker.log import Hub

__all__ = ["CLIENT_LEAKS", "broker", "hub", "leftovers"]
CLIENT_LEAKS = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""The client lets go of a broken connection without closing its socket."""
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def hub(broker: RunningBroker) -> Iterator[str]:
    """Its name; it has four partitions. What one test asked the broker to do wrong does not reach the next."""
    name = f"events-{next(_NUMBERS)}"
    broker.add(Hub(name, 4))
    yield name
    broker.faults.clear()


@pytest.fixture(scope="module", autouse=True)
def leftovers() -> Iterator[None]:
    """What the client has let go of is collected at the end of the module, and in nobody else's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
