"""What a conversation proves: clause passages, decisions, cards, receipts and records, each with what it is about.

The person's own words are no evidence; they are only what may be repeated to them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.claims import verbs
from agent.claims.contrasts import NEGATION
from knowledge.clause import ClauseRef
from tools.domain.money import format_minor
from tools.proposals import Proposal
from tools.resolutions import NOT_POSSIBLE

Kind = Literal["clause", "decision", "card", "receipt", "record"]
Effect = Literal["allow", "deny", "human", ""]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """kind clause: a rule for everybody, `clause` says which. All others are of this person.

    source: the tool that said it. say: what of it the person was told in our words; text: everything a sentence may
    rest on. acts: what is done by it, or for a card or a decision what it would do; due: what follows from it.
    locator: the booking it is about. fresh: it came in the turn at work.
    """

    kind: Kind
    source: str
    text: str
    say: str = ""
    title: str = ""
    clause: ClauseRef | None = None
    clauses: tuple[ClauseRef, ...] = ()
    locator: str | None = None
    effect: Effect = ""
    acts: frozenset[str] = frozenset()
    due: frozenset[str] = frozenset()
    done: bool = False
    fresh: bool = False


def evidence_of_call(
    tool: str, arguments: Mapping[str, object], told: Mapping[str, object], *, fresh: bool = False
) -> tuple[Evidence, ...]:
    """What one tool message proves: `told` as the model reads it."""
    clauses = tuple(_ref(row) for row in _list(told.get("clauses")))
    data = told.get("data")
    passages = _list(data.get("passages")) if isinstance(data, Mapping) else []
    versions = {ref.clause_id: ref for ref in clauses}
    found = [_passage(tool, passage, versions, fresh=fresh) for passage in passages]
    said = _options(arguments, told, clauses, fresh=fresh) if tool == "list_resolutions" else ()
    said = said or (_said(tool, arguments, told, clauses, fresh=fresh),)
    return (*(one for one in found if one), *(one for one in said if one.text))


def evidence_of_proposal(proposal: Proposal) -> tuple[Evidence, ...]:
    """The card while it is open, the receipt once it is executed, and what was said of any other end."""
    if proposal.status in ("declined", "expired", "superseded", "failed"):
        return (
            (Evidence(kind="record", source=proposal.tool, text=proposal.told, say=proposal.told),)
            if proposal.told
            else ()
        )
    executed = proposal.status == "executed"
    amounts = {amount.name: format_minor(amount.minor, amount.currency) for amount in proposal.quote.amounts}
    say = (proposal.told or proposal.receipt) if executed else proposal.summary
    figures = _amount_lines(amounts)
    given = {**{k: v for k, v in proposal.arguments.items() if k not in _OWN_WORDS}, **proposal.details}
    chosen = [f"{name.replace('_', ' ')}: {value}" for name, value in given.items() if not _is_instant(value)]
    acts = _acts_of(proposal.tool, amounts)
    due = frozenset({"pay"}) & acts if proposal.tool in _PAID_LATER else frozenset[str]()
    grants = [f"{grant.quantity} {grant.unit}" for grant in proposal.quote.grants]
    return (
        Evidence(
            kind="receipt" if executed else "card",
            source=proposal.tool,
            text="\n\n".join([say, *figures, *grants, *chosen]),
            say=say,
            clauses=proposal.quote.clauses,
            locator=proposal.arguments.get("record_locator"),
            effect="allow",
            acts=acts - due,
            due=due,
            done=executed,
        ),
    )


def _passage(
    tool: str, passage: Mapping[str, object], versions: Mapping[str, ClauseRef], *, fresh: bool
) -> Evidence | None:
    ref = versions.get(str(passage.get("clause_id")))
    if ref is None:
        return None
    return Evidence(kind="clause", source=tool, text=str(passage["text"]), title=ref.title, clause=ref, fresh=fresh)


def _said(
    tool: str,
    arguments: Mapping[str, object],
    told: Mapping[str, object],
    clauses: tuple[ClauseRef, ...],
    *,
    fresh: bool,
) -> Evidence:
    data = told.get("data")
    values: Mapping[str, object] = data if isinstance(data, Mapping) else {}
    effect = _effect(told, values)
    amounts = _amounts(values)
    locator = values.get("record_locator") or arguments.get("record_locator")
    lines = [] if tool == "search_policies" else [*_lines(values), *_amount_lines(amounts)]
    say = str(told.get("say", ""))
    decided = bool(effect) and tool != "search_policies"
    action = str(values.get("action") or arguments.get("action") or tool)
    done = told.get("outcome") == "done" and tool in _DONE_AT_ONCE
    return Evidence(
        kind="decision" if decided else "record",
        source=tool,
        text="\n\n".join([say, *lines]).strip(),
        say=say,
        clauses=clauses if decided else (),
        locator=str(locator) if locator else None,
        effect=effect if decided else "",
        acts=_acts_of(action, amounts) if effect == "allow" or done else frozenset(),
        done=done,
        fresh=fresh,
    )


def _options(
    arguments: Mapping[str, object], told: Mapping[str, object], clauses: tuple[ClauseRef, ...], *, fresh: bool
) -> tuple[Evidence, ...]:
    """What can be done about a booking is allowed; what cannot is denied: two decisions in one answer."""
    if told.get("outcome") != "done":
        return ()
    locator = str(arguments.get("record_locator") or "") or None
    possible, _, impossible = str(told.get("say", "")).partition(NOT_POSSIBLE)
    parts: tuple[tuple[str, Effect], ...] = ((possible, "allow"), (impossible, "deny"))
    title = possible.partition(". ")[0]
    shown = Evidence(kind="record", source="list_resolutions", text=title, say=title, locator=locator, fresh=fresh)
    return (
        shown,
        *(
            Evidence(
                kind="decision",
                source="list_resolutions",
                text=text.strip(),
                say=text.strip(),
                clauses=clauses,
                locator=locator,
                effect=effect,
                fresh=fresh,
            )
            for text, effect in reversed(parts)
            if text.strip()
        ),
    )


def _effect(told: Mapping[str, object], values: Mapping[str, object]) -> Effect:
    outcome = told.get("outcome")
    if outcome == "proposed" or (outcome == "done" and values.get("eligible") is True):
        return "allow"
    if outcome == "refused" and told.get("clauses"):
        return "deny"
    return "human" if outcome == "human_needed" else ""


def _amounts(values: Mapping[str, object]) -> Mapping[str, str]:
    amounts = values.get("amounts")
    return {str(name): str(value) for name, value in amounts.items()} if isinstance(amounts, Mapping) else {}


def _amount_lines(amounts: Mapping[str, str]) -> list[str]:
    """Each amount by its name; nothing to pay is said in words too."""
    named = [f"{name.replace('_', ' ')} {value}" for name, value in amounts.items()]
    nothing = [
        f"no {name.replace('_', ' ')}, free of charge"
        for name, value in amounts.items()
        if _is_charge_of_nothing(name, value)
    ]
    return [*named, *nothing]


def _is_charge_of_nothing(name: str, value: str) -> bool:
    return bool(re.search(r"fee|price|charge", name)) and not re.search(r"[1-9]", value)


def _acts_of(tool: str, amounts: Mapping[str, str]) -> frozenset[str]:
    acts = set(_ACTS.get(tool, ()))
    for name, value in amounts.items():
        if re.search(r"[1-9]", value):
            acts |= {"charge"} if re.search(r"fee|price|charge|difference", name) else {"pay"}
    return frozenset(acts)


def _lines(value: object, name: str = "") -> Iterator[str]:
    """A tool's data in lines, one record a line; what somebody typed is left out, and so is what a machine reads."""
    if isinstance(value, Mapping):
        shown = {k: v for k, v in value.items() if k not in _NOT_SHOWN}
        flat = [_pair(str(k), v) for k, v in shown.items() if not isinstance(v, Mapping | list | tuple)]
        yield ", ".join(part for part in flat if part)
        for key, inner in shown.items():
            if isinstance(inner, Mapping | list | tuple):
                yield from _lines(inner, str(key))
    elif isinstance(value, list | tuple):
        if value:
            yield f"{len(value)} {name.replace('_', ' ')}"
        for item in value:
            yield from _lines(item, name)
    elif not _is_instant(value):
        yield str(value)


def _pair(name: str, value: object) -> str:
    if value is None or isinstance(value, bool) or _is_instant(value):
        return ""
    if isinstance(value, int):
        return f"{value} {name.replace('_', ' ')}"
    return f"{name.replace('_', ' ')} {value}"


def _is_instant(value: object) -> bool:
    """A moment in UTC is for machines: people are told local times."""
    return isinstance(value, str) and bool(re.match(r"\d{4}-\d\d-\d\dT\d\d:", value))


def _list(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list | tuple) else []


def _ref(row: Mapping[str, object]) -> ClauseRef:
    return ClauseRef(clause_id=str(row["clause_id"]), version=int(str(row["version"])), title=str(row["title"]))


def states_in(evidence: Evidence) -> frozenset[str]:
    """Acts that a record shows as done: a booking that is confirmed, a flight that is cancelled."""
    return _states(evidence.text) if evidence.kind in ("record", "receipt") else frozenset()


@lru_cache(maxsize=2048)
def _states(text: str) -> frozenset[str]:
    words = [
        word.lower()
        for line in text.split("\n")
        if not NEGATION.search(line)
        for word in re.findall(r"[A-Za-z-]+", line)
    ]
    told = (verbs.acts_of(word) for word in words if word in verbs.participles())
    return frozenset(act for acts in told for act in acts if act in verbs.STATES)


def focus_of(evidence: Iterable[Evidence]) -> frozenset[str]:
    """The bookings the turn is about; without any in this turn, the one spoken of last."""
    known = list(evidence)
    fresh = frozenset(one.locator for one in known if one.fresh and one.locator)
    last = [one.locator for one in known if one.locator][-1:]
    return fresh or frozenset(locator for locator in last if locator)


_NOT_SHOWN = frozenset({"untrusted", "passages", "score", "degraded", "amounts", "eligible"})
_OWN_WORDS = frozenset({"reason", "description", "passenger"})
"""Arguments that quote the person: they prove nothing."""
_PAID_LATER = frozenset({"claim_compensation", "request_refund", "report_baggage"})
_DONE_AT_ONCE = frozenset({"hand_off", "send_code", "verify_booking", "check_code", "set_consent", "send_notification"})
_ACTS: Mapping[str, tuple[str, ...]] = {
    "cancel_booking": ("cancel", "confirm", "process"),
    "change_flight": ("change", "book", "confirm", "process"),
    "rebook_disrupted": ("change", "book", "confirm", "process"),
    "book_flight": ("book", "confirm", "process", "charge"),
    "add_ancillary": ("add", "book", "confirm", "process"),
    "correct_name": ("correct", "change", "update", "process"),
    "request_refund": ("pay", "open", "process"),
    "claim_compensation": ("open", "process"),
    "report_baggage": ("open", "process"),
    "send_notification": ("send", "contact"),
    "update_profile": ("update", "change", "process"),
    "set_consent": ("update", "change", "process"),
    "issue_goodwill": ("give", "add", "process"),
    "hand_off": ("handoff", "open", "reply", "put"),
    "send_code": ("send",),
    "verify_booking": ("verify", "find"),
    "check_code": ("verify", "confirm"),
}
"""What executing a tool does, as a sentence may tell it."""
