"""All stores over one database."""

from dataclasses import dataclass

from agent.store.conversations import Conversations
from agent.store.database import Database
from agent.store.identity import Identities
from agent.store.proposals import Proposals
from agent.store.turns import Turns


@dataclass(frozen=True, kw_only=True)
class Stores:
    database: Database
    conversations: Conversations
    proposals: Proposals
    identities: Identities
    turns: Turns

    @classmethod
    def over(cls, database: Database) -> "Stores":
        return cls(
            database=database,
            conversations=Conversations(database),
            proposals=Proposals(database),
            identities=Identities(database),
            turns=Turns(database),
        )
