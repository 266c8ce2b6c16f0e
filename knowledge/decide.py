"""What the policy pack says about one action, subject and time. Pure: facts and `now` in, a decision out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from knowledge.bench import Bench, FactError, Rulebook, Verdict, judge_clause, judge_versions, prepare
from knowledge.clause import Audience, Clause, ClauseRef, Effect, Rule
from knowledge.decision import Amount, Decision, Grant
from knowledge.expression import Facts
from knowledge.tally import add_up, ceiling, in_order, words_of
from knowledge.values import Value
from knowledge.vocabulary import FACTS

__all__ = ["Amount", "Decision", "Effect", "FactError", "Grant", "conditions_of", "decide", "derive", "judge"]

_ROLE_RANK = ("agent", "supervisor")


def decide(pack: Rulebook, action: str, facts: Facts, *, now: datetime, audience: Audience = "customer") -> Decision:
    """Decide an action. Raises FactError for a fact outside the vocabulary or of the wrong type.

    Deny beats allow; a missing fact that could change the outcome, or no clause at all, needs a person. A clause for
    staff decides for everyone, but only staff see it cited.
    """
    bench = prepare(pack, facts, pack.derived_for(action), now, audience=audience)
    verdicts = [judge_versions(versions, bench) for versions in pack.governing(action)]
    return _combine(action, [verdict for verdict in verdicts if verdict], bench)


def judge(pack: Rulebook, clause: Clause, facts: Facts, *, now: datetime) -> Decision | None:
    """What one clause says alone, in this version, whatever the date; None when it does not apply."""
    bench = prepare(pack, facts, pack.needed_by(clause), now)
    verdict = judge_clause(clause, bench)
    return None if verdict.state == "not_applicable" else _combine("", [verdict], bench)


def conditions_of(
    pack: Rulebook, clause: Clause, facts: Facts, *, now: datetime
) -> tuple[tuple[int, Value | None], ...]:
    """The value of each rule's condition by rule number, each on its own; None where it cannot be told."""
    bench = prepare(pack, facts, pack.needed_by(clause), now)
    return tuple(
        (rule.number, True if rule.when is None else rule.when.evaluate(bench.inputs).value) for rule in clause.rules
    )


def derive(pack: Rulebook, clause: Clause, facts: Facts, *, now: datetime) -> Mapping[str, Value]:
    """The derived facts that one clause defines, from the given ones."""
    bench = prepare(pack, facts, pack.needed_by(clause), now, only=clause)
    return {name: bench.inputs.facts[name] for name in clause.defines if name in bench.inputs.facts}


def _combine(action: str, verdicts: Sequence[Verdict], bench: Bench) -> Decision:
    holding = [verdict for verdict in verdicts if verdict.state == "holds"]
    unknown = [verdict for verdict in verdicts if verdict.state == "unknown"]
    removed = {name: verdict.clause for verdict in holding for name in verdict.clause.overrides}
    left = [verdict for verdict in holding if verdict.clause.id not in removed]
    open_ids = {verdict.clause.id for verdict in left}
    trace = (*bench.trace, *(_trace_line(verdict, removed) for verdict in verdicts))
    doubted = {name for verdict in unknown for name in verdict.clause.overrides}
    denying = [v for v in left if v.rule and v.rule.effect == "deny" and v.clause.id not in doubted]
    if denying:
        return _settle(action, "deny", denying, bench, trace)
    # A removed clause still removes: an unknown one that could strike a clause still standing leaves it in doubt.
    doubtful = [v for v in unknown if v.clause.id not in removed or open_ids.intersection(v.clause.overrides)]
    if doubtful:
        return _undecided(action, doubtful, bench, trace)
    asking = [v for v in left if v.rule and v.rule.effect == "needs_human"]
    allowing = [v for v in left if v.rule and v.rule.effect == "allow"]
    if asking:
        return _settle(action, "needs_human", asking, bench, trace, granting=[*allowing, *asking])
    if allowing:
        return _allow(action, allowing, bench, trace)
    return Decision(
        action=action,
        effect="needs_human",
        reason="no_clause",
        facts_used={},
        trace=(*trace, "no clause decides this"),
        say="No policy of ours decides this, so a colleague has to.",
        approver="supervisor",
    )


def _trace_line(verdict: Verdict, removed: Mapping[str, Clause]) -> str:
    label = verdict.clause.label
    if verdict.state == "not_applicable":
        return f"{label} does not apply"
    by = f", but {removed[verdict.clause.id].label} overrides it" if verdict.clause.id in removed else ""
    if verdict.state == "unknown":
        return f"{label} cannot be told without {', '.join(verdict.missing) or 'a computable value'}{by}"
    return f"{label} holds by rule {verdict.rule.number}: {verdict.rule.effect}{by}" if verdict.rule else label


def _cited(verdicts: Sequence[Verdict], bench: Bench) -> tuple[ClauseRef, ...]:
    return tuple(verdict.clause.ref for verdict in in_order(verdicts, bench))


def _facts_used(verdicts: Sequence[Verdict], bench: Bench) -> Mapping[str, Value]:
    names: dict[str, None] = {}
    for verdict in verdicts:
        for rule in verdict.clause.rules:
            for name in rule.facts:
                names.update(dict.fromkeys((*bench.roots.get(name, ()), name)))
            if rule is verdict.rule:
                break
    return {name: bench.inputs.facts[name] for name in names if name in bench.inputs.facts}


def _undecided(
    action: str,
    verdicts: Sequence[Verdict],
    bench: Bench,
    trace: tuple[str, ...],
    missing: tuple[str, ...] | None = None,
) -> Decision:
    names = missing or tuple(dict.fromkeys(name for verdict in verdicts for name in verdict.missing))
    wanted = "; ".join(re.split(r"[:(]", FACTS[name].meaning)[0].strip() if name in FACTS else name for name in names)
    return Decision(
        action=action,
        effect="needs_human",
        reason="missing",
        clauses=_cited(verdicts, bench),
        missing=names,
        facts_used=_facts_used(verdicts, bench),
        trace=(*trace, f"missing: {', '.join(names)}"),
        say=f"To decide this, something is not known yet: {wanted}." if names else "This cannot be computed.",
        approver="supervisor",
    )


def _allow(action: str, verdicts: Sequence[Verdict], bench: Bench, trace: tuple[str, ...]) -> Decision:
    tally = add_up(verdicts, bench)
    if tally.missing:
        return _undecided(action, verdicts, bench, trace, tally.missing)
    if tally.fault:
        return Decision(
            action=action,
            effect="needs_human",
            reason=tally.fault,
            clauses=_cited(verdicts, bench),
            facts_used=_facts_used(verdicts, bench),
            trace=(*trace, tally.words),
            say=f"A colleague has to decide this: {tally.words}.",
            approver="supervisor",
        )
    return _settle(action, "allow", verdicts, bench, trace, granting=verdicts)


def _settle(  # noqa: PLR0917 - the parts of one decision
    action: str,
    effect: Effect,
    winners: Sequence[Verdict],
    bench: Bench,
    trace: tuple[str, ...],
    granting: Sequence[Verdict] = (),
) -> Decision:
    tally = add_up(granting, bench)
    rules = [verdict.rule for verdict in winners if verdict.rule]
    stated = [name for rule in rules if rule.on_statement for name in rule.facts if _is_stated(name)]
    return Decision(
        action=action,
        effect=effect,
        reason="clause",
        clauses=_cited(winners, bench),
        amounts=tuple(tally.amounts.values()) if not tally.fault else (),
        grants=tuple(tally.grants.values()) if not tally.fault else (),
        facts_used=_facts_used(winners, bench),
        trace=(*trace, f"decided: {effect}"),
        say=words_of(winners, tally, bench),
        approver=_strictest(rule.approver or "supervisor" for rule in rules) if effect == "needs_human" else None,
        waivable_by=_waiver(rules) if effect == "deny" else None,
        automatic_up_to=ceiling(rules, bench) if effect == "allow" else None,
        on_statement=tuple(dict.fromkeys(stated)),
    )


def _is_stated(name: str) -> bool:
    return name in FACTS and FACTS[name].source == "stated"


def _strictest(roles: Iterable[str]) -> str:
    return max(roles, key=_ROLE_RANK.index)


def _waiver(rules: Sequence[Rule]) -> str | None:
    """A deny is waived only when every clause that denies can be."""
    roles = [rule.waivable_by for rule in rules]
    return _strictest(role for role in roles if role) if all(roles) else None
