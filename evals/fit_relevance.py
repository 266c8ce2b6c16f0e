"""Fit the relevance of `knowledge/relevance.py` on development questions, and say how it does on subjects left out.

    python -m evals.fit_relevance

Reads the development halves of the suites `retrieval` and `intents` (messages that policy answers, or that are
refused), prints weights and bias to copy, and what a floor would refuse. The held-out halves are never read.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.retrieval import SUITE, read_questions
from knowledge.chroma import connect
from knowledge.embeddings import load_minilm
from knowledge.library import open_library
from knowledge.pack import default_pack_path, load_pack
from knowledge.search import KnowledgeBase
from knowledge.tokens import load_tokenizer

_TODAY = date(2026, 6, 15)
_STEPS = 4000
_RATE = 0.5
_PENALTY = 0.003
_REFUSED = (0.0, 0.01, 0.02, 0.03)  # shares of answerable questions that a floor would refuse

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Example:
    text: str
    subject: str
    answerable: bool


@dataclass(frozen=True, kw_only=True)
class Fit:
    weights: Array
    bias: float

    def predict(self, seen: Array) -> Array:
        chances: Array = 1 / (1 + np.exp(-(seen @ self.weights + self.bias)))
        return chances


def examples() -> Iterator[Example]:
    for question in read_questions(SUITE / "dev.jsonl").scored:
        yield Example(text=question.text, subject=question.subject, answerable=question.answerable)
    for number, text in enumerate((SUITE.parent / "intents" / "dev.jsonl").read_text(encoding="utf-8").splitlines()):
        line = json.loads(text)
        if line["tools"] == ["search_policies", "answer_policy"]:
            yield Example(text=line["text"], subject=line["topic"], answerable=True)
        elif line["tools"] == ["refuse"]:  # one topic, of many subjects: dealt into eight
            yield Example(text=line["text"], subject=f"{line['topic']} {number % 8}", answerable=False)


def observe(base: KnowledgeBase, asked: Sequence[Example]) -> tuple[list[Example], Array]:
    """One row of evidence for each question that names no other airline; a long one counts by its first piece."""
    seen = [(example, base.evidence(example.text, on=_TODAY, audience="customer")[0]) for example in asked]
    judged = [(example, evidence.values) for example, evidence in seen if not evidence.other_airline]
    return [example for example, _ in judged], np.array([values for _, values in judged], dtype=np.float64)


def fit(seen: Array, answerable: Array) -> Fit:
    """Logistic regression with a small penalty, by plain gradient steps on standardised columns."""
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    columns = np.c_[(seen - mean) / spread, np.ones(len(seen))]
    found = np.zeros(columns.shape[1])
    balance = np.where(answerable, 0.5 / answerable.mean(), 0.5 / (1 - answerable.mean()))
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-columns @ found))
        found -= _RATE * (columns.T @ (balance * (chances - answerable)) / len(seen) + _PENALTY * found)
    weights = found[:-1] / spread
    return Fit(weights=weights, bias=float(found[-1] - weights @ mean))


def left_out(seen: Array, answerable: Array, subjects: Sequence[str]) -> Array:
    """Each question judged by a model that has not seen its subject."""
    judged = np.zeros(len(seen))
    names = np.array(subjects)
    for subject in set(subjects):
        others = names != subject
        judged[~others] = fit(seen[others], answerable[others]).predict(seen[~others])
    return judged


def report(title: str, judged: Array, answerable: Array) -> None:
    likely, unlikely = np.sort(judged[answerable == 1]), judged[answerable == 0]
    print(f"{title}: {len(likely)} answerable, {len(unlikely)} not")
    for share in _REFUSED:
        floor = likely[int(share * len(likely))]
        print(f"  floor {floor:.3f}: {share:.0%} of answerable refused, {np.mean(unlikely < floor):.3f} of the others")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        base = open_library(
            load_pack(default_pack_path()),
            embedder=load_minilm(),
            tokenizer=load_tokenizer(home / "tiktoken"),
            connect=lambda: connect(home / "chroma"),
        )
        asked, seen = observe(base, list(examples()))
        base.close()
    answerable = np.array([example.answerable for example in asked], dtype=np.float64)
    found = fit(seen, answerable)
    report("seen subjects", found.predict(seen), answerable)
    report("subjects left out", left_out(seen, answerable, [example.subject for example in asked]), answerable)
    print(f"_WEIGHTS = {tuple(round(float(weight), 2) for weight in found.weights)}")
    print(f"_BIAS = {found.bias:.2f}")
    known, others = np.sort(seen[answerable == 1, -1]), seen[answerable == 0, -1]
    for share in _REFUSED:
        floor = known[int(share * len(known))]
        print(f"  words alone, floor {floor:.3f}: {share:.0%} refused, {np.mean(others < floor):.3f} of the others")
    judged = found.predict(seen)
    for place in np.argsort(judged):
        if (judged[place] < 0.5) == bool(answerable[place]):
            print(f"  wrong at 0.5: {judged[place]:.2f} {asked[place].text}")


if __name__ == "__main__":
    main()
