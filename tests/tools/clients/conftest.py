from tests.tools.sandbox.conftest import built_airline, sandbox

__all__ = ["built_airline", "sandbox"]
