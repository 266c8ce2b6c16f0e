"""Questions are read tolerantly, and each kind of mistake is counted for itself."""

import json
from datetime import date
from pathlib import Path

from evals.retrieval import SUITE, Answered, Question, Report, read_questions, score
from knowledge.chroma import connect
from knowledge.chunks import Document
from knowledge.embeddings import MiniLM
from knowledge.search import KnowledgeBase
from knowledge.tokens import Tokenizer


def written(folder: Path, *lines: str) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_both_formats_are_read_and_unknown_fields_ignored(tmp_path: Path) -> None:
    questions = read_questions(
        written(
            tmp_path,
            '{"id": "p1", "question": "Dogs?", "subject": "pets", "answerable": true, "more": 1}',
            '{"query": "Bags?", "relevant": ["BAG"]}',
            '{"query": "Weather?", "relevant": []}',
        )
    )
    assert [(q.id, q.text, q.answerable, set(q.relevant)) for q in questions.scored] == [
        ("p1", "Dogs?", True, set()),
        ("2", "Bags?", True, {"BAG"}),
        ("3", "Weather?", False, set()),
    ]


def test_a_line_that_cannot_be_scored_is_counted_with_its_reason(tmp_path: Path) -> None:
    questions = read_questions(written(tmp_path, "{", "[]", '{"answerable": true}', '{"question": "x"}', ""))
    assert not questions.scored
    assert [reason.split(":")[1] for reason in questions.unscored] == ["1", "2", "3", "4"]


def answered(*found: str, answerable: bool = True, relevant: frozenset[str] = frozenset({"A"})) -> Answered:
    question = Question(id="q", text="?", subject="s", answerable=answerable, relevant=relevant, audience="customer")
    return Answered(question=question, found=found)


def test_each_outcome_has_its_verdict() -> None:
    assert answered("B", "A").verdict == "right"
    assert answered("B", "C", "D", "A").verdict == "wrong clause"
    assert answered().verdict == "refused"
    assert answered("B", relevant=frozenset()).verdict == "right"
    assert answered("B", answerable=False).verdict == "made up"
    assert answered(answerable=False).verdict == "right"


def test_shares_are_taken_over_the_questions_they_are_about() -> None:
    report = Report(
        answers=(answered("A"), answered(), answered("B", answerable=False), answered(answerable=False)), unscored=()
    )
    assert str(report.hit_at_3).startswith("1/2")
    assert str(report.declined).startswith("1/2")
    assert str(report.wrongly_declined).startswith("1/2")
    assert str(report.by_subject()["s"]).startswith("2/4")


def test_a_knowledge_base_is_scored(embedder: MiniLM, tokenizer: Tokenizer, tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps({"query": "may my dog fly in the cabin", "relevant": ["PET"]}))
    base = KnowledgeBase(embedder=embedder, tokenizer=tokenizer, connect=lambda: connect(tmp_path / "chroma"))
    base.load(
        [Document(id="PET", title="Pets", body="A dog may fly in the cabin."), Document(id="B", title="B", body="b")]
    )
    report = score(read_questions(path), base, on=date(2026, 6, 1))
    base.close()
    assert report.hit_at_3.value == 1.0


def test_no_subject_is_in_both_halves_of_the_suite() -> None:
    halves = [read_questions(SUITE / name).scored for name in ("dev.jsonl", "heldout.jsonl")]
    subjects = [{question.subject for question in half} for half in halves]
    assert not subjects[0] & subjects[1]
    everything = [question for half in halves for question in half]
    assert len(everything) >= 200
    assert sum(not question.answerable for question in everything) >= len(everything) / 4
