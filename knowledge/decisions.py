"""Whole decisions that a pack promises: `decisions.yaml`, each line a question to all clauses together."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from ruamel.yaml.nodes import Node

from knowledge.cases import CaseError, parse_facts
from knowledge.decide import Decision, decide
from knowledge.frontmatter import LintFinding, PackError, Plain, compose, plain, position
from knowledge.pack import PolicyPack
from knowledge.values import parse_money, parse_value

DECISIONS_FILE = "decisions.yaml"


def run_decisions(pack: PolicyPack) -> Iterator[LintFinding]:
    """Decide every question of the pack's decisions file; a finding for each that comes out otherwise."""
    path = pack.path / DECISIONS_FILE
    if not path.is_file():
        return
    try:
        node = compose(path.read_text(encoding="utf-8"), DECISIONS_FILE)
    except PackError as error:
        yield from error.findings
        return
    for item in node.value if node is not None and isinstance(node.value, list) else []:
        if message := _check(pack, item):
            where = position(item)
            yield LintFinding(path=DECISIONS_FILE, line=where.line, column=where.column, message=message)


def count_decisions(pack: PolicyPack) -> int:
    path = pack.path / DECISIONS_FILE
    node = compose(path.read_text(encoding="utf-8"), DECISIONS_FILE) if path.is_file() else None
    return len(node.value) if node is not None else 0


def _check(pack: PolicyPack, item: Node) -> str:
    raw = plain(item)
    if not isinstance(raw, dict) or not {"name", "action", "now", "facts", "expect"} <= set(raw):
        return "a decision has name, action, now, facts and expect"
    now, expect = parse_value("timestamp", raw["now"]), raw["expect"]
    if not isinstance(now, datetime) or not isinstance(expect, dict):
        return "now must be a time and expect a mapping"
    try:
        facts = parse_facts(_merged(raw), pack.language.kinds)
    except CaseError as error:
        return f"{raw['name']}: {error}"
    decision = decide(pack, str(raw["action"]), facts, now=now)
    wrong = [f"{name} is {_got(decision, name)}, not {wanted}" for name, wanted in expect.items()]
    wrong = [
        words for words, (name, wanted) in zip(wrong, expect.items(), strict=True) if not _same(decision, name, wanted)
    ]
    return f"{raw['name']}: {'; '.join(wrong)}" if wrong else ""


def _merged(raw: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """The facts of a decision laid over those it shares with others; a null takes a fact away."""
    given, own = raw.get("given") or {}, raw["facts"]
    if not isinstance(given, dict) or not isinstance(own, dict):
        raise CaseError("given and facts must be mappings")
    return {name: value for name, value in {**given, **own}.items() if value is not None}


def _got(decision: Decision, name: str) -> object:
    if name in ("effect", "reason", "approver", "waivable_by"):
        return getattr(decision, name)
    if name == "clauses":
        return [ref.clause_id for ref in decision.clauses]
    if name == "missing":
        return list(decision.missing)
    amount = decision.amount(name)
    grant = next((grant for grant in decision.grants if grant.name == name), None)
    return (amount.minor, amount.currency) if amount else grant.quantity if grant else None


def _same(decision: Decision, name: str, wanted: Plain) -> bool:
    got = _got(decision, name)
    if isinstance(got, tuple):
        return got == parse_money(wanted) if isinstance(wanted, str) else got[0] == wanted
    return got == wanted
