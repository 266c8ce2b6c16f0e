"""Cases on a desk: who has a conversation, the resolutions shown and their verdicts."""

import sqlalchemy as sa
from alembic import op

import agent.store.tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as batch:
        batch.add_column(sa.Column("assignee", sa.String(length=200), nullable=True))
        batch.create_index("ix_conversations_case_id", ["case_id"])
    op.create_table(
        "resolutions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", agent.store.tables.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "verdicts",
        sa.Column("resolution_id", sa.String(length=40), nullable=False),
        sa.Column("option_id", sa.String(length=80), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("option", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", agent.store.tables.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("resolution_id", "option_id"),
    )


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_table("resolutions")
    with op.batch_alter_table("conversations") as batch:
        batch.drop_index("ix_conversations_case_id")
        batch.drop_column("assignee")
