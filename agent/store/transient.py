"""Which failures of the database pass by themselves."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_PASSING = frozenset({"08", "40", "53", "55", "57"})
"""SQLSTATE classes: connection, rollback (deadlock, serialization), resources, lock not available, operator."""


def is_transient(error: BaseException) -> bool:
    """A broken connection, a lock or a deadlock: the same transaction may succeed later."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(one) for one in error.exceptions)
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError | TimeoutError):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error  # asyncpg's own when it cannot even connect
    state = str(getattr(cause, "sqlstate", "") or "")
    return getattr(error, "connection_invalidated", False) or state[:2] in _PASSING
