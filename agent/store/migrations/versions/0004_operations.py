"""Several processes: who they are, whose turns and confirmations are at work; rate limits; erasures that wait."""

import sqlalchemy as sa
from alembic import op

import agent.store.tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TELL = """
CREATE FUNCTION concierge_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('concierge', '{"conversation": "' || NEW.conversation_id || '"}');
  RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER conversation_events_tell AFTER INSERT ON conversation_events
FOR EACH ROW EXECUTE FUNCTION concierge_tell()
"""


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "processes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started", sa.String(length=40), nullable=False),
        sa.Column("seen_at", agent.store.tables.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("due", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        prefixes=["UNLOGGED"] if postgres else [],
    )
    op.create_table(
        "erasures",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("asked_at", agent.store.tables.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    with op.batch_alter_table("turns") as batch:
        batch.add_column(sa.Column("owner", sa.String(length=40), nullable=True))
        batch.drop_index("turns_unanswered")
        batch.create_index(
            "turns_unanswered",
            ["conversation_id"],
            sqlite_where=sa.text("answer IS NULL"),
            postgresql_where=sa.text("answer IS NULL"),
        )
    with op.batch_alter_table("proposals") as batch:
        batch.add_column(sa.Column("taken_by", sa.String(length=40), nullable=True))
    if postgres:
        op.execute(_TELL)
        op.execute(_TRIGGER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER conversation_events_tell ON conversation_events")
        op.execute("DROP FUNCTION concierge_tell()")
    with op.batch_alter_table("proposals") as batch:
        batch.drop_column("taken_by")
    with op.batch_alter_table("turns") as batch:
        batch.drop_index("turns_unanswered")
        batch.create_index("turns_unanswered", ["conversation_id"], sqlite_where=sa.text("answer IS NULL"))
        batch.drop_column("owner")
    op.drop_table("erasures")
    op.drop_table("rate_limits")
    op.drop_table("processes")
