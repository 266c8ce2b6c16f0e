"""Our agent in the benchmark's own runner: any model speaks, our gate judges its writes, the customer's yes sends them.

Reads pass straight through. The model's output alone never sends a write.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from evals.tau.acts import ACTS, Impossible
from evals.tau.card import YES, card
from evals.tau.exam import Gate
from evals.tau.lines import Act, Line, Model
from evals.tau.memory import Memory, Unread
from evals.tau.tools import STATED
from knowledge.pack import PolicyPack
from tools.domain.outcomes import Proposed
from tools.extract.answers import reads_yes

MOST_STEPS = 8
"""Times that the model is asked before the customer hears something."""
READS = ("get_", "list_", "search_")
OTHERS = frozenset({"calculate", "think", "transfer_to_human_agents"})
_AT_A_LOSS = "I am sorry, I could not do that. Would you like me to transfer you to a colleague?"
_SHOWN = "The policy allows it. The customer is shown exactly this and asked for a yes; nothing is done yet."
_UNKNOWN_CUSTOMER = "Nobody may be served unknown: ask the customer for their user id and read their profile first."
_OTHER_REASON = re.compile(
    r"\bchange[sd]? (?:of|in|my|our) (?:plans?|mind)|\bplans? (?:have |has )?changed|\bno longer (?:need|want|going)"
    r"|\bcheaper\b|\bbetter (?:price|deal|fare)|\bconflict|\bmeeting\b|\bwork\b|\bdon't (?:need|want) (?:it|to)",
    re.I,
)
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError)


class Forbidden(Exception):
    """The gate does not allow a write; the words say why, and by which clauses."""


@dataclass
class Talk:
    """One conversation. lines: what the model is shown. pending: the exact write that a yes would send. wanted: a write
    that waits for what the agent reads by itself. sent: calls without a result yet."""

    memory: Memory
    lines: list[Line] = field(default_factory=list)
    pending: Act | None = None
    wanted: Act | None = None
    sent: dict[str, Act] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    """Ids of the agent's own reads, which the model does not see."""
    count: int = 0

    @property
    def words(self) -> str:
        return "\n".join(line.text for line in self.lines if line.role == "customer")

    @property
    def customer(self) -> str | None:
        """The user id that was read and that the customer named; the last one of several."""
        said = self.words.casefold()
        return next((name for name in reversed(self.memory.read) if name.casefold() in said), None)

    def new_id(self) -> str:
        self.count += 1
        return f"concierge-{self.count}"


class TauAgent:
    def __init__(self, model: Model, pack: PolicyPack, now: datetime) -> None:
        self._model = model
        self._pack = pack
        self._now = now

    def begin(self, history: Sequence[Line] = ()) -> Talk:
        talk = Talk(memory=Memory(self._now))
        for line in history:
            talk.sent.update({act.id: act for act in line.acts})
            _hear(talk, line)
        return talk

    async def reply(self, talk: Talk, heard: Sequence[Line]) -> Line:
        """Words for the customer, or calls; never both."""
        for line in heard:
            _hear(talk, line)
        said = next((line.text for line in heard if line.role == "customer"), None)
        pending, wanted = talk.pending, talk.wanted
        if pending and said is not None:
            talk.pending = None
            if reads_yes(said, acts=YES[pending.name]):
                return await self._send(talk, pending) or await self._speak(talk)
        return (await self._consider(talk, wanted) if wanted else None) or await self._speak(talk)

    async def _speak(self, talk: Talk) -> Line:
        for _ in range(MOST_STEPS):
            line = self._model(tuple(talk.lines))
            if not line.acts and line.text.strip():
                return _keep(talk, Line(role="agent", text=line.text))
            reads = _reads(line.acts)
            if reads:
                return _call(talk, reads)
            if line.acts:
                act = replace(line.acts[0], id=line.acts[0].id or talk.new_id())
                talk.lines.append(Line(role="agent", acts=(act,)))
                if answer := await self._consider(talk, act):
                    return answer
        return _keep(talk, Line(role="agent", text=_AT_A_LOSS))

    async def _consider(self, talk: Talk, act: Act) -> Line | None:
        """A write that the model wishes for: reads what is missing, or asks the customer. None: it was refused."""
        talk.wanted = None
        try:
            if missing := talk.memory.missing(act) if act.name in ACTS else ():
                talk.wanted = act
                return _call(talk, missing, own=True)
            shown = card(act, talk.memory.world, await self._judge(talk, act))
        except (Unread, Impossible, Forbidden) as error:
            _tell(talk, act, str(error))
            return None
        except _MALFORMED as error:
            _tell(talk, act, f"The arguments are not those of {act.name}: {type(error).__name__} {error}")
            return None
        talk.pending = act
        _tell(talk, act, _SHOWN)
        return _keep(talk, Line(role="agent", text=shown))

    async def _send(self, talk: Talk, act: Act) -> Line | None:
        """After a yes, judged once more. None: it is refused now."""
        act = replace(act, id=talk.new_id())
        try:
            await self._judge(talk, act)
        except Forbidden as error:
            talk.lines.append(Line(role="agent", acts=(act,)))
            _tell(talk, act, str(error))
            return None
        return _call(talk, (act,))

    async def _judge(self, talk: Talk, act: Act) -> str:
        """Why the policy allows it. Raises Forbidden."""
        if act.name not in ACTS:
            raise Forbidden(f"No rule governs {act.name}, so it is not done.")
        if talk.customer is None:
            raise Forbidden(_UNKNOWN_CUSTOMER)
        gate = Gate(self._pack, talk.memory.world, talk.customer)
        ruled = await gate.ask(act.name, act.arguments, _stated(talk.words))
        if ruled.proposal is not None and isinstance(ruled.outcome, Proposed):
            return ruled.outcome.say
        clauses = [ref.clause_id for ref in getattr(ruled.outcome, "clauses", ())]
        raise Forbidden(json.dumps({"refused_by": clauses, "reason": ruled.outcome.say}))


def _stated(words: str) -> str:
    """Marked as a stated reason where the customer gave one that is none of health or weather."""
    return f"{STATED}{words}" if _OTHER_REASON.search(words) else words


def _hear(talk: Talk, line: Line) -> None:
    if line.role == "tool":
        act = talk.sent.pop(line.id, None)
        if act:
            talk.memory.take(act, line.text, error=line.error)
        if line.id in talk.own:
            return
    talk.lines.append(line)


def _reads(acts: Sequence[Act]) -> tuple[Act, ...]:
    """The calls before the first write: a read changes nothing, and the model may call what follows again."""
    passing = [act.name in OTHERS or act.name.startswith(READS) for act in acts]
    return tuple(acts[: passing.index(False)] if False in passing else acts)


def _call(talk: Talk, acts: Sequence[Act], *, own: bool = False) -> Line:
    named = tuple(replace(act, id=act.id or talk.new_id()) for act in acts)
    talk.sent.update({act.id: act for act in named})
    line = Line(role="agent", acts=named)
    if own:
        talk.own.update(act.id for act in named)
        return line
    return _keep(talk, line)


def _keep(talk: Talk, line: Line) -> Line:
    talk.lines.append(line)
    return line


def _tell(talk: Talk, act: Act, text: str) -> None:
    """The model's own call is answered by us; no tool was called."""
    talk.lines.append(Line(role="tool", id=act.id, text=text))
