from tests.tools.sandbox.conftest import sandbox, seeded_airline

__all__ = ["sandbox", "seeded_airline"]
