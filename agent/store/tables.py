"""The tables of Concierge's own database. The migrations in agent/store/migrations create them."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(200), index=True),
    Column("customer_id", String(40), index=True),
    Column("secret_hash", String(64)),
    Column("opened_at", Moment, nullable=False),
    Column("status", String(16), nullable=False, default="open"),
    Column("handoff", String(16), nullable=False, default="none"),
    Column("case_id", String(40), index=True),
    Column("position", Integer),
    Column("assignee", String(200)),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("idempotency_key", String(200)),
    Column("body_hash", String(64), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("answer", JSON(none_as_null=True)),
    Column("address", String(64), nullable=False, default=""),
    Column("owner", String(40)),
    UniqueConstraint("conversation_id", "idempotency_key"),
)
Index(
    "turns_unanswered",
    turns.c.conversation_id,
    sqlite_where=turns.c.answer.is_(None),
    postgresql_where=turns.c.answer.is_(None),
)

entries = Table(
    "entries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("turn_id", String(40)),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("visible", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("conversation_id", "number"),
)

events = Table(
    "conversation_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("body", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("locator", String(6), primary_key=True),
    Column("level", String(16), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("locator", String(6), primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("attempts_left", Integer, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index("attempts_by_key", "key", "at"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("told", Text),
    Column("taken_at", Moment),
    Column("taken_by", String(40)),
)

steps = Table(
    "steps",
    metadata,
    Column("proposal_id", ForeignKey("proposals.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("finished", Boolean, nullable=False),
    Column("version", String(80)),
)

audit = Table(
    "audit",
    metadata,
    Column("conversation_id", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

audit_roots = Table(
    "audit_roots",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("heads", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("subject_hash", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False),
    Column("type", String(80), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment),
    Column("source", String(200)),
    Column("event_id", String(200)),
    Column("traceparent", String(55)),
)

claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("entry_id", String(40), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
)

resolutions = Table(
    "resolutions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("case_id", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("resolution_id", String(40), primary_key=True),
    Column("option_id", String(80), primary_key=True),
    Column("case_id", String(40), nullable=False),
    Column("situation", String(40), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("option", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", Moment, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("entry_id", String(40), primary_key=True),
    Column("rating", String(8), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", String(40), nullable=False),
    Column("seen_at", Moment, nullable=False),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("due", Float(53), nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("subject", String(200), primary_key=True),
    Column("customer_id", String(40), nullable=False),
    Column("asked_at", Moment, nullable=False),
)
