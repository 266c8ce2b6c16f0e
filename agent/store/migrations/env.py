"""Alembic's entry: the database class hands over its own connection."""

from alembic import context

import agent.store.event_tables  # noqa: F401 it declares its tables on the same metadata
from agent.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
