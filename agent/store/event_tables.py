"""The tables of the event paths, on the same metadata as the others. Migration 0002 creates them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from agent.store.tables import Moment, metadata, outbox

LONG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only in a column of type INTEGER, which has 64 bits there."""

Index(
    "outbox_waiting",
    outbox.c.id,
    sqlite_where=outbox.c.published_at.is_(None),
    postgresql_where=outbox.c.published_at.is_(None),
)

marks = Table(
    "event_marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(80), nullable=False),
)

leases = Table(
    "event_leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("owner", String(40), nullable=False),
    Column("until", Moment, nullable=False),
)

inbox = Table(
    "event_inbox",
    metadata,
    Column("number", LONG, primary_key=True, autoincrement=True),
    Column("source", String(200), nullable=False),
    Column("event_id", String(200), nullable=False),
    Column("type", String(80), nullable=False),
    Column("key", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("source", "event_id", name="event_inbox_once"),
    Index("event_inbox_by_time", "at"),
)

_POSITION = ("namespace", "hub", "consumer_group", "partition")


def _position() -> list[Column[str]]:
    return [Column(name, String(120), primary_key=True) for name in _POSITION]


ownerships = Table(
    "event_ownerships",
    metadata,
    *_position(),
    Column("owner_id", String(80), nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("etag", String(40), nullable=False),
)

checkpoints = Table(
    "event_checkpoints",
    metadata,
    *_position(),
    Column("offset", String(80), nullable=False),
    Column("sequence_number", LONG, nullable=False),
    Column("at", Moment, nullable=False),
)

effects = Table(
    "event_effects",
    metadata,
    Column("number", LONG, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("order_key", String(80), nullable=False, index=True),
    Column("body", JSON, nullable=False),
    Column("measure", LONG, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("leased_by", String(40)),
    Column("leased_until", Moment),
    Column("plan", JSON(none_as_null=True)),
    Column("result", JSON(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Index("event_effects_due", "state", "due_at"),
)

dead_letters = Table(
    "event_dead_letters",
    metadata,
    Column("id", LONG, primary_key=True, autoincrement=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("origin", String(8), nullable=False),
    Column("source", String(200)),
    Column("event_id", String(200)),
    Column("type", String(80)),
    Column("key", String(200)),
    Column("body", LargeBinary, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("replays", Integer, nullable=False),
    Column("replayed_at", Moment),
)

consent_register = Table(
    "event_consents",
    metadata,
    Column("customer_id", String(40), primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("granted_at", Moment),
    Column("withdrawn_at", Moment),
    Column("source", String(200), nullable=False),
)

contact_changes = Table(
    "event_contact_changes",
    metadata,
    Column("customer_id", String(40), primary_key=True),
    Column("changed_at", Moment, nullable=False),
)

merges = Table(
    "event_merges",
    metadata,
    Column("merged_id", String(40), primary_key=True),
    Column("surviving_id", String(40), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

screen_pops = Table(
    "screen_pops",
    metadata,
    Column("id", LONG, primary_key=True, autoincrement=True),
    Column("call_id", String(80), nullable=False, unique=True),
    Column("agent", String(80), nullable=False, index=True),
    Column("customer_id", String(40)),
    Column("body", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)
