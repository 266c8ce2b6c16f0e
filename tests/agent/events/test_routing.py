"""A key finds the partition that the service would put it in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events.routing import lookup3, partition_of

resolver = pytest.importorskip("azure.eventhub._buffered_producer._partition_resolver")


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
def test_the_hash_is_the_clients_own(key: str) -> None:
    assert lookup3(key.encode()) == resolver.compute_hash(key)


@given(st.text(max_size=40), st.integers(1, 32))
def test_every_key_has_a_partition(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


def test_keys_spread_over_the_partitions() -> None:
    counts = [0] * 4
    for number in range(4000):
        counts[partition_of(f"C{number:06}", 4)] += 1
    assert min(counts) > 700
