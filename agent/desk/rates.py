"""How often staff accept, edit and reject what they are offered: by option and by clause."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agent.desk.views import Rate, Rates
from agent.store.resolutions import KeptVerdict


def rates_of(verdicts: Sequence[KeptVerdict]) -> Rates:
    return Rates(
        verdicts=len(verdicts),
        options=_rates((name_of(kept.option), kept.verdict) for kept in verdicts),
        clauses=_rates((clause, kept.verdict) for kept in verdicts for clause in clauses_of(kept)),
    )


def name_of(option: Mapping[str, object]) -> str:
    """As situations.yaml names it."""
    arguments = option.get("arguments")
    kind = arguments.get("kind") if isinstance(arguments, Mapping) else None
    return f"{option['action']}:{kind}" if kind else str(option["action"])


def clauses_of(kept: KeptVerdict) -> tuple[str, ...]:
    cited = kept.option.get("clauses")
    return tuple(f"{c['clause_id']} v{c['version']}" for c in cited) if isinstance(cited, list) else ()


def _rates(named: Iterable[tuple[str, str]]) -> tuple[Rate, ...]:
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, verdict in named:
        counted[name][verdict] += 1
    rates = (_rate(name, count) for name, count in counted.items())
    return tuple(sorted(rates, key=lambda rate: (-rate.decided, rate.name)))


def _rate(name: str, count: Counter[str]) -> Rate:
    decided = count.total()
    shares = {verdict: round(count[verdict] / decided, 3) for verdict in ("accepted", "edited", "rejected")}
    return Rate(name=name, decided=decided, **shares)
