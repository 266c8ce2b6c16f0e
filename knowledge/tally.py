"""What the allowing clauses grant together, and the words they say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from knowledge.bench import Bench, Verdict
from knowledge.clause import AmountRule, Rule
from knowledge.decision import Amount, Grant
from knowledge.expression import Expression, Facts
from knowledge.reading import BOOKING_CURRENCY, placeholders
from knowledge.values import Value, render, render_money
from knowledge.vocabulary import FACTS


@dataclass(kw_only=True, slots=True)
class Tally:
    """The union of what clauses grant, or why there is none."""

    amounts: dict[str, Amount]
    grants: dict[str, Grant]
    missing: tuple[str, ...] = ()
    fault: Literal["conflict", "amount", ""] = ""
    words: str = ""


def add_up(verdicts: Iterable[Verdict], bench: Bench) -> Tally:
    tally = Tally(amounts={}, grants={})
    for rule in (verdict.rule for verdict in verdicts if verdict.rule):
        for part in rule.amounts:
            _add(tally, tally.amounts, part.name, _amount(part, bench, tally))
        for grant in rule.grants:
            quantity = _quantity(grant.quantity, bench, tally, grant.name)
            granted = None if quantity is None else Grant(name=grant.name, quantity=quantity, unit=grant.unit)
            _add(tally, tally.grants, grant.name, granted)
    return tally


Part = TypeVar("Part", Amount, Grant)


def _add(tally: Tally, held: dict[str, Part], name: str, item: Part | None) -> None:
    if item is None:
        return
    if held.setdefault(name, item) != item:
        tally.fault, tally.words = "conflict", f"clauses disagree about {name}"


def _amount(part: AmountRule, bench: Bench, tally: Tally) -> Amount | None:
    minor = _quantity(part.expression, bench, tally, part.name)
    if minor is None:
        return None
    currency = _currency(part, bench)
    if currency is None:
        tally.missing = tuple(dict.fromkeys((*tally.missing, part.currency)))
        return None
    if _mixes(part, currency, bench):
        tally.fault, tally.words = "amount", f"{part.name} would mix {currency} with the currency of the booking"
        return None
    return Amount(name=part.name, minor=minor, currency=currency)


def _currency(part: AmountRule, bench: Bench) -> str | None:
    if "." not in part.currency:
        return part.currency
    currency = bench.inputs.facts.get(part.currency)
    return currency if isinstance(currency, str) else None


def _mixes(part: AmountRule, currency: str, bench: Bench) -> bool:
    """Whether a figure in one currency would be computed from money of the booking in another."""
    names = [root for name in part.expression.facts for root in bench.roots.get(name, (name,))]
    of_booking = any(name in FACTS and FACTS[name].unit == "minor units" for name in names)
    return of_booking and bench.inputs.facts.get(BOOKING_CURRENCY, currency) != currency


def _quantity(expression: Expression, bench: Bench, tally: Tally, name: str) -> int | None:
    result = expression.evaluate(bench.inputs)
    if not result.ok:
        tally.missing = tuple(dict.fromkeys((*tally.missing, *bench.missing(result.missing))))
        if not result.missing:
            tally.fault, tally.words = "amount", f"{name} cannot be computed"
        return None
    if not isinstance(result.value, int) or result.value < 0:
        tally.fault, tally.words = "amount", f"{name} would be negative"
        return None
    return result.value


def ceiling(rules: Sequence[Rule], bench: Bench) -> Amount | None:
    """The ceiling under which no confirmation is needed: only when every rule that gives something has one, the lowest.

    A rule that allows and gives nothing countable, such as care in kind, takes nothing from it.
    """
    giving = [rule for rule in rules if rule.amounts or rule.grants or rule.automatic_up_to]
    parts = [rule.automatic_up_to for rule in giving]
    tally = Tally(amounts={}, grants={})
    found = [_amount(part, bench, tally) for part in parts if part]
    ceilings = [amount for amount in found if amount]
    if len(ceilings) != len(giving) or len({amount.currency for amount in ceilings}) != 1:
        return None
    return min(ceilings, key=lambda amount: amount.minor)


def in_order(verdicts: Sequence[Verdict], bench: Bench) -> list[Verdict]:
    """The verdicts whose clauses this audience may read: law first, then by id."""
    shown = [v for v in verdicts if bench.audience == "staff" or v.clause.audience == "customer"]
    return sorted(shown, key=lambda v: (v.clause.authority == "carrier", v.clause.id))


def words_of(winners: Sequence[Verdict], tally: Tally, bench: Bench) -> str:
    texts = (verdict.rule.say for verdict in in_order(winners, bench) if verdict.rule and verdict.rule.say)
    return " ".join(dict.fromkeys(_fill(text, tally, bench) for text in texts))


def _fill(text: str, tally: Tally, bench: Bench) -> str:
    for name in placeholders(text):
        text = text.replace(f"{{{name}}}", _words_for(name, tally, bench))
    return text


def _words_for(name: str, tally: Tally, bench: Bench) -> str:
    if amount := tally.amounts.get(name):
        return render_money(amount.minor, amount.currency)
    if grant := tally.grants.get(name):
        return f"{grant.quantity:,} {grant.unit}"
    value = bench.inputs.facts.get(name)
    return "an amount to be confirmed" if value is None else render_fact(name, value, bench.inputs.facts)


def render_fact(name: str, value: Value, facts: Facts) -> str:
    """A fact in words; money in the currency of the booking."""
    currency = facts.get(BOOKING_CURRENCY)
    if isinstance(value, int) and name in FACTS and FACTS[name].unit == "minor units" and isinstance(currency, str):
        return render_money(value, currency)
    return render(value)
