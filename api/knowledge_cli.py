"""`concierge knowledge index | search | exam`"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agent.bootstrap import open_knowledge
from agent.settings import read_settings
from evals.exam import Exam, Score, read_exam, sit
from knowledge.chroma import connect
from knowledge.embeddings import Embedder, Vectors, load_minilm
from knowledge.search import KnowledgeBase, SearchResult
from knowledge.tokens import load_tokenizer
from tools.domain.errors import SettingsError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def index(as_json: Json = False) -> None:
    """Bring the index of the policy pack up to date; only what changed is embedded."""
    with closing(open_knowledge(read_settings())) as knowledge:
        report = knowledge.reindexed
    if report is None:
        typer.secho("Chroma cannot be reached: clauses are found by their words alone.", err=True, fg="red")
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    typer.echo(f"{report.entries} texts serve: {len(report.embedded)} embedded, {report.reused} reused.")


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A question in plain words.")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today if not given.")] = None,
    audience: Annotated[Literal["customer", "staff"], typer.Option(help="Who asks.")] = "customer",
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many clauses at most.")] = 5,
    as_json: Json = False,
) -> None:
    """Find the clauses that answer a question."""
    day = (on or datetime.now(UTC)).date()
    with closing(open_knowledge(read_settings())) as knowledge:
        result = knowledge.search(query, on=day, audience=audience, limit=limit)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    else:
        _show(result, day)


def _show(result: SearchResult, day: date) -> None:
    console = Console()
    if result.degraded:
        console.print("Chroma cannot be reached: words alone were compared.", style="yellow")
    if not result.passages:
        console.print(f"No policy on that, on {day}.")
    for passage in result.passages:
        console.print(f"[bold]{passage.clause_id}[/bold] v{passage.version}  {passage.title}  ({passage.score:.3f})")
        console.print(passage.text, style="dim", highlight=False, markup=False)


@app.command()
def exam(
    folder: Annotated[Path, typer.Argument(help="A folder with documents.jsonl and queries.jsonl.")],
    as_json: Json = False,
) -> None:
    """Score search on any documents and queries, with naive BM25 and naive fusion beside it."""
    try:
        paper = read_exam(folder)
    except OSError as error:
        raise SettingsError(f"{error.filename}: {error.strerror}") from error
    if not paper.queries:
        typer.secho("No query can be scored.", err=True, fg="red")
        raise typer.Exit(1)
    scores = _sit(paper)
    if as_json:
        typer.echo(json.dumps({"scores": [asdict(score) for score in scores], "unscored": paper.unscored}))
    else:
        _report(paper, scores)


def _sit(paper: Exam) -> list[Score]:
    home = read_settings().home
    with tempfile.TemporaryDirectory() as folder, _watched(load_minilm()) as embedder:
        knowledge = KnowledgeBase(
            embedder=embedder,
            tokenizer=load_tokenizer(home / "tiktoken"),
            connect=lambda: connect(Path(folder)),
            floor=0.0,
        )
        with closing(knowledge):
            return sit(paper, knowledge, embedder)


class _Watched:
    """An embedder that tells how many texts it has read."""

    def __init__(self, embedder: Embedder, progress: Progress) -> None:
        self._embedder = embedder
        self._progress = progress
        self._task = progress.add_task("texts embedded", total=None)
        self.model_id = embedder.model_id
        self.dimension = embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = self._embedder.embed(texts)
        self._progress.advance(self._task, len(texts))
        return vectors


@contextmanager
def _watched(embedder: Embedder) -> Iterator[Embedder]:
    console = Console(stderr=True)
    with Progress(
        "{task.completed} {task.description}", console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield _Watched(embedder, progress)


def _report(paper: Exam, scores: Sequence[Score]) -> None:
    table = Table("method", "hit@3", "hit@5", "recall@20")
    for score in scores:
        table.add_row(score.method, str(score.hit_at_3), str(score.hit_at_5), f"{score.recall_at_20:.3f}")
    console = Console()
    console.print(table)
    console.print(f"{len(paper.documents)} documents, {len(paper.queries)} queries scored.")
    for reason in paper.unscored:
        console.print(f"unscored: {reason}", markup=False)
