"""One self-contained HTML file of a run: figures, plots, and every conversation with its tools, decisions and claims.

It reads nothing from a network. Everything that a person or a model wrote is escaped.
"""

import html
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from evals.judged import judged_line
from evals.plots import bars, histogram
from evals.record import card_text
from evals.results import SELF_TEST, Outcome, SuiteResult, load

FILE = "report.html"
_SHOWN_RIGHT = 60
"""Of the conversations that passed, so many a suite are shown in full; all that failed are."""


def report_html(folder: Path | str) -> str:
    """The report of a run's folder. Raises OSError when it holds no results."""
    results, about = load(Path(folder))
    examined = [result for result in results if result.agent not in SELF_TEST]
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


def script_source() -> str:
    """The one script of a report as a Content-Security-Policy names it; a report of another version has another."""
    page = files("evals").joinpath("report.template.html").read_text(encoding="utf-8")
    script = page.partition("<script>")[2].partition("</script>")[0]
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


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
    "unscored", "blame", "floor", "oracle", "ms/turn", "calls", "tokens",
)  # fmt: skip


def _summary(examined: Sequence[SuiteResult], self_tests: Mapping[tuple[str, str], SuiteResult]) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in _COLUMNS)
    rows = "".join(f"<tr>{''.join(_cells(result, self_tests))}</tr>" for result in examined)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(result: SuiteResult, self_tests: Mapping[tuple[str, str], SuiteResult]) -> Iterator[str]:
    sums = result.sums()
    low, high = sums["interval"]
    others = [self_tests.get((result.suite, agent)) for agent in SELF_TEST]
    blame = ", ".join(f"{who} {count}" for who, count in sums["blame"].items()) or "–"
    yield f"<th scope='row'><a href='#{_text(result.name)}'>{_text(result.name)}</a></th>"
    values = [
        sums["cases"], sums["trials"], _share(sums["pass"]), f"{low:.2f}–{high:.2f}", _hats(sums),
        _share(sums["write"]), _share(sums["no_write"]), _share(sums["dev"]), _share(sums["heldout"]),
        sums["failed"], sums["crashed"], sums["unscored"], blame,
        *(_share(other.sums()["pass"]) if other else "–" for other in others),
        sums["turn_ms"] or "–", sums["model_calls"], sums["tokens"],
    ]  # fmt: skip
    yield from (f"<td>{_text(value)}</td>" for value in values)


def _hats(sums: Mapping[str, Any]) -> str:
    """Of two trials and more; for one it is the share that passed."""
    return ", ".join(f"{k}: {hat['value']:.2f}" for k, hat in sums["pass_hat"].items() if k != "1") or "–"


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
    name, rate = _text(result.name), _text(result.rate())
    scorers = _list((f"{scorer}: {result.rate_of(scorer)}" for scorer in result.scorers), "scorers")
    spent = _customers(result) + (f" · {_text(judged)}" if (judged := judged_line(result)) else "")
    unscored = [f"{one.where}: {one.reason}" for one in result.unscored]
    return (
        f"<section id='{name}'><h2>{name}</h2><p>{rate} · {len(wrong)} not passed and {len(right)} of those passed are "
        f"shown{spent}</p>{scorers}{_folded(f'{len(unscored)} unscored', _list(unscored)) if unscored else ''}"
        f"{''.join(_case(outcome) for outcome in (*wrong, *right))}</section>"
    )


def _customers(result: SuiteResult) -> str:
    """What a customer that is a model cost, apart from the agent."""
    sums = result.sums()
    if not sums["customer_calls"]:
        return ""
    cost = f"{sums['customer_calls']} calls, {sums['customer_tokens']} tokens"
    return f" · customers by {_text(result.customer)}, not seeded: {cost}"


def _list(lines: Iterable[str], kind: str = "") -> str:
    return f"<ul class='{kind}'>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>"


def _folded(summary: str, body: str, kind: str = "") -> str:
    """summary and body are HTML already."""
    return f"<details class='{kind}'><summary>{summary}</summary>{body}</details>"


def _state(outcome: Outcome) -> str:
    if outcome.crashed:
        return "crashed"
    return {None: "unscored", True: "passed", False: "failed"}[outcome.passed]


def _case(outcome: Outcome) -> str:
    state, case = _state(outcome), outcome.case
    title = str(case.get("title") or case.get("class") or case.get("words") or "")[:160]
    trial = f" · trial {outcome.trial}" if outcome.trial > 1 else ""
    exchanges = "".join(_exchange(exchange) for exchange in outcome.record.get("exchanges", ()))
    why = _list((f"{scorer}: {words}" for scorer, words in outcome.why.items()), "why")
    return (
        f"<details class='case {state}' data-state='{state}'><summary><span class='state'>{state}</span> "
        f"<code>{_text(outcome.id)}</code> {_text(title)}{trial}</summary>"
        f"<p class='facts'>{_text(' · '.join(_told(outcome)))}</p>{why}{exchanges}{_ending(outcome.record)}</details>"
    )


def _told(outcome: Outcome) -> Iterator[str]:
    yield from (f"{name}: {outcome.case[name]}" for name in ("clause", "reason", "answer") if outcome.case.get(name))
    if outcome.blame and not outcome.passed:
        yield f"blame: {outcome.blame}"
    if outcome.crashed:
        yield outcome.crashed


def _exchange(exchange: Mapping[str, Any]) -> str:
    said = exchange["said"] or f"[presses {exchange['pressed']}]"
    card, claims = exchange["card"], exchange["claims"]
    kind, reply = _text(exchange["kind"]), _text(exchange["reply"][:3000])
    cited = _text(", ".join(exchange["citations"]))
    parts = [
        f"<div class='said'>{_text(said[:1500])}</div>",
        *(_tool(use) for use in exchange["tools"]),
        f"<div class='reply'><span class='kind'>{kind}</span> {reply} <span class='cited'>{cited}</span></div>",
    ]
    if card:
        parts.append(f"<div class='card'>Card: {_text(card_text(card))} ({_text(card['status'])})</div>")
    if claims:
        parts.append(_folded(f"{len(claims)} claim{'s' * (len(claims) > 1)}", _list(claims), "claims"))
    return "".join(parts)


def _tool(use: Mapping[str, Any]) -> str:
    arguments = _text(json.dumps(use["arguments"], ensure_ascii=False)[:200])
    summary = f"{_text(use['name'])} <code>{arguments}</code> → {_text(use['outcome'])}"
    return _folded(summary, f"<pre>{_text((use['body'] or use['say'])[:3000])}</pre>", "tool")


def _ending(record: Mapping[str, Any]) -> str:
    packet = json.dumps(record["packet"], ensure_ascii=False) if record.get("packet") else ""
    rows = {"writes": record.get("writes"), "expected": record.get("expected"), "packet": [packet] if packet else None}
    shown = "".join(
        f"<dt>{name}</dt><dd><pre>{_text(chr(10).join(str(line)[:600] for line in lines))}</pre></dd>"
        for name, lines in rows.items()
        if lines
    )
    return _folded("at the services", f"<dl>{shown}</dl>") if shown else ""
