"""The main path again, over PostgreSQL."""

import pytest

from tests.agent.test_turn import *  # noqa: F403 - every flow, once more

pytestmark = pytest.mark.soak


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
