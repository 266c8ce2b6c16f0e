"""One self-contained HTML file of a run: figures, plots, and every conversation with its tools, decisions and claims.

It reads nothing from a network. Everything that a person or a model wrote is escaped.
"""

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from evals.plots import bars, histogram
from evals.record import card_text
from evals.results import Outcome, SuiteResult, load

FILE = "report.html"
_SHOWN_RIGHT = 60
"""Of the conversations that passed, so many a suite are shown in full; all that failed are."""


def report_html(folder: Path | str) -> str:
    """The report of a run's folder. Raises OSError when it holds no results."""
    results, about = load(Path(folder))
    examined = [result for result in results if result.agent not in ("floor", "oracle")]
    self_tests = {(result.suite, result.agent): result for result in results}
    page = files("evals").joinpath("report.template.html").read_text(encoding="utf-8")
    parts = {
        "title": _text(about.get("title", "Concierge evals")),
        "about": _about(about),
        "gate": _gate(about.get("breaches")),
        "summary": _summary(examined, self_tests),
        "plots": bars([(r.name, r.rate().value, r.rate().interval) for r in examined]) + _latencies(examined),
        "suites": "".join(_suite(result) for result in examined),
    }
    for name, value in parts.items():
        page = page.replace(f"<!--{name}-->", value)
    return page


def write_report(folder: Path) -> Path:
    path = folder / FILE
    path.write_text(report_html(folder), encoding="utf-8")
    return path


def _text(value: object) -> str:
    return html.escape(str(value), quote=True)


def _about(about: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in about.items() if name not in ("title", "breaches")}
    return " · ".join(f"{_text(name)}: <b>{_text(value)}</b>" for name, value in shown.items())


def _gate(breaches: object) -> str:
    if breaches is None:
        return "<p class='gate none'>No gate was asked for.</p>"
    if not breaches:
        return "<p class='gate kept'>The gate is kept.</p>"
    items = "".join(f"<li>{_text(breach)}</li>" for breach in breaches)  # type: ignore[attr-defined]
    return f"<div class='gate broken'><b>The gate is broken.</b><ul>{items}</ul></div>"


_COLUMNS = (
    "suite", "cases", "trials", "pass", "95 %", "pass^k", "write", "no write", "dev", "held out", "failed", "crashed",
    "unscored", "blame", "floor", "oracle", "ms a turn", "model calls", "tokens",
)  # fmt: skip


def _summary(examined: Sequence[SuiteResult], self_tests: Mapping[tuple[str, str], SuiteResult]) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in _COLUMNS)
    rows = "".join(f"<tr>{''.join(_cells(result, self_tests))}</tr>" for result in examined)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(result: SuiteResult, self_tests: Mapping[tuple[str, str], SuiteResult]) -> Iterator[str]:
    sums = result.sums()
    low, high = sums["interval"]
    hats = ", ".join(f"k={k} {value['value']:.3f}" for k, value in sums["pass_hat"].items())
    others = [self_tests.get((result.suite, agent)) for agent in ("floor", "oracle")]
    blame = ", ".join(f"{who} {count}" for who, count in sums["blame"].items()) or "–"
    yield f"<th scope='row'><a href='#{_text(result.name)}'>{_text(result.name)}</a></th>"
    values = [
        sums["cases"], sums["trials"], _share(sums["pass"]), f"{low:.3f} to {high:.3f}", hats, _share(sums["write"]),
        _share(sums["no_write"]), _share(sums["dev"]), _share(sums["heldout"]), sums["failed"], sums["crashed"],
        sums["unscored"], blame, *(_share(other.sums()["pass"]) if other else "–" for other in others),
        sums["turn_ms"] or "–", sums["model_calls"], sums["tokens"],
    ]  # fmt: skip
    yield from (f"<td>{_text(value)}</td>" for value in values)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _latencies(examined: Sequence[SuiteResult]) -> str:
    taken = [
        float(exchange["milliseconds"])
        for result in examined
        for outcome in result.outcomes
        for exchange in outcome.record.get("exchanges", ())
    ]
    return histogram("Milliseconds a turn", taken) if taken else ""


def _suite(result: SuiteResult) -> str:
    right = [outcome for outcome in result.outcomes if outcome.passed and outcome.record][:_SHOWN_RIGHT]
    wrong = [outcome for outcome in result.outcomes if not outcome.passed]
    scorers = "".join(f"<li>{_text(name)}: {_text(result.rate_of(name))}</li>" for name in result.scorers)
    unscored = "".join(f"<li>{_text(one.where)}: {_text(one.reason)}</li>" for one in result.unscored)
    cases = "".join(_case(outcome) for outcome in (*wrong, *right))
    return (
        f"<section id='{_text(result.name)}'><h2>{_text(result.name)}</h2><p>{_text(result.rate())} · "
        f"{len(wrong)} not passed and {len(right)} of those passed are shown</p><ul class='scorers'>{scorers}</ul>"
        + (f"<details><summary>{len(result.unscored)} unscored</summary><ul>{unscored}</ul></details>" if unscored else "")
        + f"{cases}</section>"
    )


def _case(outcome: Outcome) -> str:
    state = "crashed" if outcome.crashed else "unscored" if outcome.passed is None else "passed" if outcome.passed else "failed"
    title = outcome.case.get("title") or outcome.case.get("class") or outcome.case.get("words") or ""
    why = "".join(f"<li><b>{_text(scorer)}</b>: {_text(words)}</li>" for scorer, words in outcome.why.items())
    facts = [
        f"clause: {outcome.case['clause']}" if outcome.case.get("clause") else "",
        f"reason: {outcome.case['reason']}" if outcome.case.get("reason") else "",
        f"blame: {outcome.blame}" if outcome.blame and state in ("failed", "crashed") else "",
        f"answer: {outcome.case['answer']}" if outcome.case.get("answer") else "",
        outcome.crashed or "",
    ]
    return (
        f"<details class='case {state}' data-state='{state}'><summary><span class='state'>{state}</span> "
        f"<code>{_text(outcome.id)}</code> {_text(str(title)[:160])}"
        f"{f' · trial {outcome.trial}' if outcome.trial > 1 else ''}</summary>"
        f"<p class='facts'>{_text(' · '.join(fact for fact in facts if fact))}</p><ul class='why'>{why}</ul>"
        f"{''.join(_exchange(exchange) for exchange in outcome.record.get('exchanges', ()))}{_ending(outcome)}</details>"
    )


def _exchange(exchange: Mapping[str, Any]) -> str:
    said = exchange["said"] or f"[presses {exchange['pressed']}]"
    tools = "".join(_tool(use) for use in exchange["tools"])
    card = f"<div class='card'>Card: {_text(card_text(exchange['card']))} ({_text(exchange['card']['status'])})</div>" if exchange["card"] else ""
    cited = f"<span class='cited'>{_text(', '.join(exchange['citations']))}</span>" if exchange["citations"] else ""
    claims = "".join(f"<li>{_text(claim)}</li>" for claim in exchange["claims"])
    told = f"<details class='claims'><summary>{len(exchange['claims'])} claims</summary><ul>{claims}</ul></details>" if claims else ""
    return (
        f"<div class='said'>{_text(said[:1500])}</div>{tools}<div class='reply'><span class='kind'>{_text(exchange['kind'])}"
        f"</span> {_text(exchange['reply'][:3000])} {cited}</div>{card}{told}"
    )


def _tool(use: Mapping[str, Any]) -> str:
    arguments = json.dumps(use["arguments"], ensure_ascii=False)
    return (
        f"<details class='tool'><summary>{_text(use['name'])} <code>{_text(arguments[:200])}</code> → {_text(use['outcome'])}"
        f"</summary><pre>{_text((use['body'] or use['say'])[:3000])}</pre></details>"
    )


def _ending(outcome: Outcome) -> str:
    record = outcome.record
    rows = [("writes", record.get("writes")), ("expected", record.get("expected")), ("packet", [json.dumps(record["packet"], ensure_ascii=False)] if record.get("packet") else None)]
    shown = "".join(
        f"<dt>{name}</dt><dd><pre>{_text(chr(10).join(str(line)[:600] for line in lines))}</pre></dd>" for name, lines in rows if lines
    )
    return f"<details><summary>at the services</summary><dl>{shown}</dl></details>" if shown else ""
