"""Which failures of the database pass by themselves."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_PASSING = frozenset({"08", "40", "53", "55", "57"})
"""SQLSTATE classes: connection, rollback (deadlock, serialization), resources, lock not available, operator."""


def is_transient(error: BaseException) -> bool:
    """A broken connection, a lock or a deadlock: the same transaction may succeed later."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError | TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return error.connection_invalidated or state[:2] in _PASSING
