"""Conversations: who they belong to, what was said, and the turns that are owed an answer."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import BindParameter, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.answers import Answer, HandoffState, LoggedEvent, TurnEvent, Usage
from agent.errors import KeyReused, UnknownConversation
from agent.store.database import Database
from agent.store.ledger import lock_conversation
from agent.store.patience import patient
from agent.store.rows import event_body, read_event
from agent.store.tables import conversations, entries, events, feedback, grants, turns
from tools.context import GRANT_IDLE, Grant, Speaker
from tools.domain.ids import RecordLocator


@dataclass(frozen=True, kw_only=True)
class Conversation:
    id: str
    kind: str
    subject: str | None
    customer_id: str | None
    secret_hash: str | None
    opened_at: datetime
    status: str
    handoff: HandoffState
    case_id: str | None = None
    position: int | None = None
    assignee: str | None = None
    """The member of staff who has the case."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the transcript. payload holds what a model needs again: tool calls, their ids, citations."""

    id: str
    turn_id: str | None
    role: str
    text: str
    payload: Mapping[str, object] = field(default_factory=dict)
    visible: bool = True
    at: datetime
    number: int = 0
    """Its place in the order in which lines became durable."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A message that is durable. answer: given already, when the same Idempotency-Key came before."""

    turn_id: str
    answer: Answer | None
    fresh: bool


_THIS: BindParameter[str] = bindparam("conversation")
_CONVERSATION = select(conversations).where(conversations.c.id == _THIS)
_TURN = select(turns.c.id).where(turns.c.id == bindparam("turn"))
_LINES = (
    select(*(entries.c[name] for name in ("id", "turn_id", "role", "text", "payload", "visible", "at", "number")))
    .where(entries.c.conversation_id == _THIS, entries.c.number > bindparam("after"))
    .order_by(entries.c.number)
)
_HIGHEST = (
    select(func.coalesce(func.max(entries.c.number), 0))
    .where(entries.c.conversation_id == bindparam("within"))
    .scalar_subquery()
)
_ADD_TURN = insert(turns)
_ADD_LINE = insert(entries).values(number=_HIGHEST + 1)
"""One line after the other, each after the highest there is."""
_ADD_EVENT = insert(events)
_GRANTS = select(grants).where(grants.c.conversation_id == _THIS)
_KEEP_ALIVE = (
    update(grants)
    .where(grants.c.conversation_id == _THIS, grants.c.expires_at > bindparam("now", type_=grants.c.expires_at.type))
    .values(expires_at=bindparam("until", type_=grants.c.expires_at.type))
)


@patient
class Conversations:
    """owner: the process that answers what it accepts."""

    def __init__(self, database: Database, owner: str = "") -> None:
        self._database = database
        self._owner = owner

    async def open(self, conversation: Conversation) -> None:
        async with self._database.writing() as connection:
            await connection.execute(insert(conversations).values(**_columns(conversation)))

    async def get(self, conversation_id: str, speaker: Speaker) -> Conversation:
        """Someone else's is unknown."""
        async with self._database.reading() as connection:
            found = await _find(connection, conversation_id)
        if found is None or not belongs_to(found, speaker):
            raise UnknownConversation(_UNKNOWN)
        return found

    async def unchecked(self, conversation_id: str) -> Conversation:
        async with self._database.reading() as connection:
            found = await _find(connection, conversation_id)
        if found is None:
            raise UnknownConversation(_UNKNOWN)
        return found

    async def of(self, speaker: Speaker) -> tuple[Conversation, ...]:
        """By sign-in, and by customer: when two records are merged, the conversations of both are one person's."""
        signed_in = conversations.c.subject == speaker.subject
        if speaker.customer_id is not None:
            signed_in = or_(signed_in, conversations.c.customer_id == speaker.customer_id)
        mine = and_(signed_in, conversations.c.kind == speaker.kind)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(conversations).where(mine).order_by(conversations.c.opened_at.desc())
            )
            return tuple(_conversation(row._asdict()) for row in rows)

    async def of_case(self, case_id: str) -> Conversation | None:
        """The newest conversation of a case."""
        mine = select(conversations).where(conversations.c.case_id == case_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(mine.order_by(conversations.c.opened_at.desc()))).first()
        return _conversation(row._asdict()) if row else None

    async def of_customer(self, customer_id: str, limit: int = 5) -> tuple[Conversation, ...]:
        mine = select(conversations).where(conversations.c.customer_id == customer_id)
        async with self._database.reading() as connection:
            rows = await connection.execute(mine.order_by(conversations.c.opened_at.desc()).limit(limit))
            return tuple(_conversation(row._asdict()) for row in rows)

    async def move(
        self,
        conversation_id: str,
        handoff: HandoffState,
        *,
        assignee: str | None,
        events: Sequence[TurnEvent],
        at: datetime,
    ) -> None:
        """A step of the hand-off, told to whoever listens."""
        values: dict[str, object] = {"handoff": handoff, "assignee": assignee, "position": None}
        if handoff == "none":
            values["case_id"] = None
        async with self._database.writing() as connection:
            mine = conversations.c.id == conversation_id
            await connection.execute(update(conversations).where(mine).values(**values))
            await add_events(connection, conversation_id, events, at)

    async def log(self, conversation_id: str, events: Sequence[TurnEvent], at: datetime) -> None:
        async with self._database.writing() as connection:
            await add_events(connection, conversation_id, events, at)

    async def add(self, conversation_id: str, entry: Entry, events: Sequence[TurnEvent]) -> None:
        """A line that no turn wrote: a colleague's."""
        async with self._database.writing() as connection:
            await lock_conversation(connection, conversation_id)
            await add_entries(connection, conversation_id, [entry])
            await add_events(connection, conversation_id, events, entry.at)

    async def claim(self, conversation: Conversation, speaker: Speaker) -> Conversation:
        """Binds an anonymous conversation to a signed-in person; its secret is worth nothing from now on."""
        bound = replace(
            conversation, kind="customer", subject=speaker.subject, customer_id=speaker.customer_id, secret_hash=None
        )
        async with self._database.writing() as connection:
            mine = and_(conversations.c.id == conversation.id, conversations.c.secret_hash == conversation.secret_hash)
            done = await connection.execute(update(conversations).where(mine).values(**_columns(bound)))
        if done.rowcount != 1:
            raise UnknownConversation(_UNKNOWN)
        return bound

    async def accept(self, conversation: Conversation, entry: Entry, *, key: str | None, address: str) -> Accepted:
        """Durable before it returns. The same key and text again is the same turn; another text is refused."""
        digest = hashlib.sha256(entry.text.encode()).hexdigest()
        async with self._database.writing() as connection:
            await lock_conversation(connection, conversation.id)
            if not self._database.alone and (await connection.execute(_TURN, {"turn": entry.id})).first():
                return Accepted(turn_id=entry.id, answer=None, fresh=True)  # kept before the connection was lost
            if key is not None and (known := await _by_key(connection, conversation.id, key)):
                if known["body_hash"] != digest:
                    raise KeyReused(
                        "This Idempotency-Key was used with another message. Use a new key for a new message."
                    )
                answer = Answer.model_validate(known["answer"]) if known["answer"] else None
                return Accepted(turn_id=str(known["id"]), answer=answer, fresh=False)
            turn = {
                "id": entry.id,
                "conversation_id": conversation.id,
                "idempotency_key": key,
                "body_hash": digest,
                "accepted_at": entry.at,
                "address": address,
                "owner": self._owner,
            }
            await connection.execute(_ADD_TURN, turn)
            await add_entries(connection, conversation.id, [entry])
            await _keep_grants_alive(connection, conversation.id, entry.at)
        return Accepted(turn_id=entry.id, answer=None, fresh=True)

    async def transcript(self, conversation_id: str) -> tuple[Entry, ...]:
        """In the order of the turns."""
        return in_turns(await self.lines_after(conversation_id, 0))

    async def lines_after(self, conversation_id: str, number: int) -> tuple[Entry, ...]:
        """In the order in which they were written."""
        async with self._database.reading() as connection:
            rows = await connection.execute(_LINES, {"conversation": conversation_id, "after": number})
            return tuple(Entry(**row) for row in rows.mappings())

    async def grants(self, conversation_id: str) -> tuple[Grant, ...]:
        async with self._database.reading() as connection:
            rows = await connection.execute(_GRANTS, {"conversation": conversation_id})
            return tuple(_grant(row._asdict()) for row in rows)

    async def usages(self, conversation_id: str) -> tuple[Usage, ...]:
        """What each answered turn used."""
        answered = and_(turns.c.conversation_id == conversation_id, turns.c.answer.is_not(None))
        async with self._database.reading() as connection:
            rows = await connection.execute(select(turns.c.answer).where(answered).order_by(turns.c.accepted_at))
            return tuple(Usage.model_validate(answer["usage"]) for answer in rows.scalars())

    async def answer_of(self, turn_id: str) -> Answer | None:
        async with self._database.reading() as connection:
            found = (await connection.execute(select(turns.c.answer).where(turns.c.id == turn_id))).scalar()
        return Answer.model_validate(found) if found else None

    async def events_after(self, conversation_id: str, after: int) -> tuple[LoggedEvent, ...]:
        newer = and_(events.c.conversation_id == conversation_id, events.c.id > after)
        async with self._database.reading() as connection:
            rows = await connection.execute(select(events).where(newer).order_by(events.c.id))
            return tuple(LoggedEvent(id=row.id, event=read_event(row.body)) for row in rows)

    async def rate(self, conversation_id: str, entry_id: str, rating: str, comment: str, at: datetime) -> bool:
        """False when the conversation holds no such message. Rating again replaces the rating."""
        mine = and_(entries.c.conversation_id == conversation_id, entries.c.id == entry_id)
        key = and_(feedback.c.conversation_id == conversation_id, feedback.c.entry_id == entry_id)
        values = {"rating": rating, "comment": comment, "at": at}
        async with self._database.writing() as connection:
            if (await connection.execute(select(entries.c.id).where(mine))).scalar() is None:
                return False
            changed = await connection.execute(update(feedback).where(key).values(**values))
            if not changed.rowcount:
                row = {"conversation_id": conversation_id, "entry_id": entry_id, **values}
                await connection.execute(insert(feedback).values(**row))
        return True


def in_turns(written: Sequence[Entry]) -> tuple[Entry, ...]:
    """In the order of the turns: what belongs to a turn follows its message, also when the next came early."""
    at = {entry.id: place for place, entry in enumerate(written)}
    places = [at.get(entry.turn_id or "", place) for place, entry in enumerate(written)]
    if all(earlier <= later for earlier, later in pairwise(places)):
        return tuple(written)
    order = sorted(range(len(written)), key=lambda place: (places[place], place))
    return tuple(written[place] for place in order)


def belongs_to(conversation: Conversation, speaker: Speaker) -> bool:
    if conversation.kind == "anonymous" and speaker.kind == "anonymous":
        presented = hash_secret(speaker.secret or "")
        return conversation.secret_hash is not None and hmac.compare_digest(conversation.secret_hash, presented)
    if speaker.subject is None:
        return False
    if speaker.kind == "staff":
        return conversation.assignee == speaker.subject
    same = conversation.subject == speaker.subject
    same |= speaker.customer_id is not None and conversation.customer_id == speaker.customer_id
    return same and conversation.kind == speaker.kind


def hash_secret(secret: str) -> str:
    """The secret has 256 random bits, so a plain hash keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def add_entries(connection: AsyncConnection, conversation_id: str, new: Sequence[Entry]) -> None:
    rows = [
        {
            "id": entry.id,
            "conversation_id": conversation_id,
            "within": conversation_id,
            "turn_id": entry.turn_id,
            "role": entry.role,
            "text": entry.text,
            "payload": dict(entry.payload),
            "visible": entry.visible,
            "at": entry.at,
        }
        for entry in new
    ]
    if rows:
        await connection.execute(_ADD_LINE, rows)


async def add_events(connection: AsyncConnection, conversation_id: str, new: Sequence[TurnEvent], at: datetime) -> None:
    if new:
        rows = [{"conversation_id": conversation_id, "body": event_body(event), "at": at} for event in new]
        await connection.execute(_ADD_EVENT, rows)


async def _find(connection: AsyncConnection, conversation_id: str) -> Conversation | None:
    row = (await connection.execute(_CONVERSATION, {"conversation": conversation_id})).first()
    return _conversation(row._asdict()) if row else None


async def _by_key(connection: AsyncConnection, conversation_id: str, key: str) -> Mapping[str, object] | None:
    mine = and_(turns.c.conversation_id == conversation_id, turns.c.idempotency_key == key)
    row = (await connection.execute(select(turns).where(mine))).first()
    return row._asdict() if row else None


async def _keep_grants_alive(connection: AsyncConnection, conversation_id: str, now: datetime) -> None:
    live = {"conversation": conversation_id, "now": now, "until": now + GRANT_IDLE}
    await connection.execute(_KEEP_ALIVE, live)


def _columns(conversation: Conversation) -> dict[str, object]:
    return {column.name: getattr(conversation, column.name) for column in conversations.c}


def _conversation(row: Mapping[str, object]) -> Conversation:
    return Conversation(**{column.name: row[column.name] for column in conversations.c})  # type: ignore[arg-type]


def _grant(row: Mapping[str, object]) -> Grant:
    locator = RecordLocator(str(row["locator"]))
    return Grant(locator=locator, level=row["level"], expires_at=row["expires_at"])  # type: ignore[arg-type]


_KEY_REUSED = "This Idempotency-Key was used with another message. Use a new key for a new message."
_UNKNOWN = "There is no such conversation, or it is not yours."
