"""Intent by nearest labelled examples: every example votes for its intent, weighted by how near it is.

The votes are those of kernel ridge regression. Nearness is an exponential of the cosine of two meanings, less where two
messages are put in another manner or name other things; likeness of spelling adds to it. The weights are solved once,
so that crowded intents do not outvote sparse ones. That takes seconds, because every example is embedded, and is kept
on disk under its digest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

import tools.extract
from agent.embedded.catalogue import Catalogue
from agent.embedded.features import Floats, general, marks, spelling
from agent.embedded.manner import manner
from agent.embedded.respelling import Respelling
from knowledge.embeddings import Embedder
from tools.extract.message import Extracted, extract

# Chosen on the development part of the intents suite.
_MEANING: Final = 2.0
_MANNER: Final = 0.2
"""What another manner takes from the nearness of two meanings, at most."""
_NAMING: Final = 0.3
"""What naming other things takes from it."""
_SPELLING: Final = 0.3
_MARKS: Final = 0.1
_RIDGE: Final = 0.1
_TEMPERATURE: Final = 0.06
_SETTINGS: Final = (_MEANING, _MANNER, _NAMING, _SPELLING, _MARKS, _RIDGE)
_PART: Final = 64
_ANY_DAY = date(2026, 1, 1)
"""Examples are read as of any one day: only whether they name a date counts."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """confidence: the calibrated probability that what serves `intent` is right."""

    intent: str
    confidence: float
    runner_up: str
    by_service: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class _Weights:
    meanings: Floats
    """(examples, dimension)"""
    manners: Floats
    naming: Floats
    """(examples, marks), each of length 1"""
    votes: Floats
    """(examples, intents)"""
    spelled: Floats
    """(LEXICAL, intents)"""
    marked: Floats
    """(marks, intents)"""


class IntentReader:
    def __init__(self, catalogue: Catalogue, embedder: Embedder, cache: Path) -> None:
        self._embedder = embedder
        self._names = tuple(catalogue.intents)
        self._serves = tuple(_service(catalogue, name) for name in self._names)
        self._weights = _cached(catalogue, embedder, cache)
        self._respelling = Respelling(text for text, _ in catalogue.examples())

    def read(self, text: str, extracted: Extracted) -> Reading:
        plain = self._respelling.correct(general(text, extracted))
        meaning = self._embedder.embed([plain])[0]
        named = marks(text, extracted)
        kept = self._weights
        near = _nearness(kept.meanings @ meaning, kept.manners @ manner(text), kept.naming @ _unit(named))
        scores = near @ kept.votes + _SPELLING * (spelling(plain) @ kept.spelled) + _MARKS * (named @ kept.marked)
        return self._reading(scores)

    def _reading(self, scores: Floats) -> Reading:
        chances = np.exp((scores - scores.max()) / _TEMPERATURE)
        chances /= chances.sum()
        order = np.argsort(-chances)
        by_service: dict[str, float] = {}
        for name, chance in zip(self._serves, chances, strict=True):
            by_service[name] = by_service.get(name, 0.0) + float(chance)
        best = self._best(order, by_service)
        rivals = [self._names[at] for at in order if self._serves[at] != self._serves[best]]
        return Reading(
            intent=self._names[best],
            confidence=by_service[self._serves[best]],
            runner_up=rivals[0],
            by_service=by_service,
        )

    def _best(self, order: np.ndarray, by_service: Mapping[str, float]) -> int:
        """The likeliest intent of the likeliest service: many near policy subjects together beat one rival."""
        top = max(by_service, key=lambda name: by_service[name])
        return next(int(at) for at in order if self._serves[at] == top)


def _service(catalogue: Catalogue, name: str) -> str:
    """Policy subjects share one service; every other intent is its own."""
    intent = catalogue.intents[name]
    return intent.tool if intent.tool == "search_policies" else name


def _cached(catalogue: Catalogue, embedder: Embedder, cache: Path) -> _Weights:
    key = f"{catalogue.digest}:{embedder.model_id}:{_code_digest()}:{_SETTINGS}"
    path = cache / f"intents-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
    if (kept := _load(path)) is not None:
        return kept
    weights = _solve(catalogue, embedder)
    cache.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{id(weights)}.partial.npz")
    np.savez(partial, **{field.name: getattr(weights, field.name) for field in fields(_Weights)})
    partial.replace(path)
    return weights


def _code_digest() -> str:
    """Of the code that turns a message into features: weights made by other code are not used."""
    ours = Path(__file__).parent
    extractors = Path(tools.extract.__path__[0])
    files = (ours / "nearest.py", ours / "features.py", ours / "manner.py", *sorted(extractors.glob("*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _load(path: Path) -> _Weights | None:
    """None when there is no such file or it cannot be read: it is then made anew."""
    try:
        with np.load(path) as kept:
            return _Weights(**{field.name: kept[field.name] for field in fields(_Weights)})
    except (OSError, ValueError, KeyError):
        return None


def _solve(catalogue: Catalogue, embedder: Embedder) -> _Weights:
    examples = catalogue.examples()
    read = [extract(text, today=_ANY_DAY) for text, _ in examples]
    plain = [general(text, found) for (text, _), found in zip(examples, read, strict=True)]
    meanings = _embed(plain, embedder)
    spelled = np.array([spelling(text) for text in plain])
    marked = np.array([marks(text, found) for (text, _), found in zip(examples, read, strict=True)])
    manners = np.array([manner(text) for text, _ in examples])
    naming = np.array([_unit(row) for row in marked])
    kernel = _nearness(meanings @ meanings.T, manners @ manners.T, naming @ naming.T)
    kernel += _SPELLING * (spelled @ spelled.T) + _MARKS * (marked @ marked.T)
    names = list(catalogue.intents)
    labels = np.array([[name == other for other in names] for _, name in examples], dtype=np.float32)
    votes = np.linalg.solve(kernel + _RIDGE * np.eye(len(examples)), labels).astype(np.float32)
    return _Weights(
        meanings=meanings,
        manners=manners,
        naming=naming,
        votes=votes,
        spelled=spelled.T @ votes,
        marked=marked.T @ votes,
    )


def _embed(texts: Sequence[str], embedder: Embedder) -> Floats:
    """On two threads: the model runs outside the interpreter's lock, so this takes half the time on two cores."""
    parts = [texts[at : at + _PART] for at in range(0, len(texts), _PART)]
    with ThreadPoolExecutor(2) as pool:
        return np.concatenate(list(pool.map(embedder.embed, parts)))


def _nearness(meaning: Floats, manners: Floats, naming: Floats) -> Floats:
    """From three cosines; as a product of kernels it is one."""
    alike = (1 - _MANNER + _MANNER * manners) * (1 - _NAMING + _NAMING * naming)
    near: Floats = np.exp(_MEANING * (meaning - 1)) * alike
    return near


def _unit(vector: Floats) -> Floats:
    norm = float(np.linalg.norm(vector))
    return vector / norm if norm else vector
