"""All stores over one database."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from agent.store.audit import AuditTrail
from agent.store.conversations import Conversations
from agent.store.database import Database
from agent.store.identity import Identities
from agent.store.leases import Leases
from agent.store.pops import ScreenPops
from agent.store.processes import Process, Processes
from agent.store.proposals import Proposals
from agent.store.resolutions import Resolutions
from agent.store.turn_taking import TurnTaking
from agent.store.turns import Turns


@dataclass(frozen=True, kw_only=True)
class Stores:
    database: Database
    conversations: Conversations
    proposals: Proposals
    identities: Identities
    turns: Turns
    audit: AuditTrail
    resolutions: Resolutions
    pops: ScreenPops
    processes: Processes
    turn_taking: TurnTaking
    leases: Leases

    @classmethod
    def over(cls, database: Database, *, home: Path, audit_key: SecretStr | None = None) -> "Stores":
        me = Process()
        return cls(
            database=database,
            conversations=Conversations(database, me.id),
            proposals=Proposals(database, me.id),
            identities=Identities(database),
            turns=Turns(database),
            audit=AuditTrail(database, home=home, key=audit_key),
            resolutions=Resolutions(database),
            pops=ScreenPops(database),
            processes=Processes(database, me),
            turn_taking=TurnTaking(database, me.id),
            leases=Leases(database),
        )
