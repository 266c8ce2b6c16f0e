"""Understanding examined: search on questions, intents on first messages, the claims check on labelled sentences."""

from collections.abc import Callable, Sequence
from pathlib import Path

from evals.cases import Unscored, suite_files
from evals.claims import Line, Scenario, judge, read_lines, read_scenarios
from evals.intents import TODAY, Utterance, read_utterances, score_intents
from evals.questions import Parts, Question, Questions
from evals.retrieval import Question as Asked
from evals.retrieval import Questions as AskedOf
from evals.retrieval import read_questions, score
from evals.stage import NOON
from knowledge.search import KnowledgeBase


def retrieval_questions(parts: Parts, files: Sequence[Path]) -> Questions:
    asked: list[Question] = []
    unscored: list[Unscored] = []
    own = [path for path in suite_files("retrieval") if path.stem in ("dev", "heldout")]
    for path in files or own:
        read = read_questions(path)
        unscored += [Unscored(where=path.name, reason=reason) for reason in read.unscored]
        asked += [_searched(parts, question, path.stem) for question in read.scored]
    return Questions(asked=asked, unscored=unscored)


def _searched(parts: Parts, question: Asked, part: str) -> Question:
    base: KnowledgeBase | None = None

    def ask() -> object:
        nonlocal base
        base = base or parts.knowledge()
        return score(AskedOf(scored=(question,), unscored=()), base, on=NOON.date()).answers[0].found

    def wrong(found: object) -> str:
        clauses = tuple(found) if isinstance(found, list | tuple) else ()
        if not question.answerable:
            return f"answered by {clauses}, and nothing answers it" if clauses else ""
        if not clauses:
            return "declined, and the pack answers it"
        right = not question.relevant or question.relevant & set(clauses[:3])
        return "" if right else f"found {clauses[:3]}, none of {sorted(question.relevant)}"

    return Question(
        id=f"{part}:{question.id}",
        words=question.text,
        ask=ask,
        wrong=wrong,
        gold=(sorted(question.relevant) or ["any"]) if question.answerable else [],
        nothing=[],
        clause=", ".join(sorted(question.relevant)),
        writes=question.answerable,
    )


def intent_questions(parts: Parts, files: Sequence[Path]) -> Questions:
    """The whole file is read by the model once; each message is then a case of its own."""
    asked: list[Question] = []
    unscored: list[Unscored] = []
    for path in files or suite_files("intents"):
        utterances, unread = read_utterances(path)
        unscored += [Unscored(where=path.name, reason=reason) for reason in unread]
        wrong = _wrong_intents(parts, path)
        asked += [_message(path, utterance, wrong) for utterance in utterances]
    return Questions(asked=asked, unscored=unscored)


def _message(path: Path, utterance: Utterance, wrong: Callable[[], dict[str, str]]) -> Question:
    easy = {"refuse", "clarify"} & utterance.tools
    return Question(
        id=f"{path.stem}:{utterance.id}",
        words=utterance.text,
        ask=lambda: wrong().get(utterance.id, ""),
        wrong=lambda tool: f"{tool} instead of {sorted(utterance.tools)}" if tool else "",
        gold="",
        nothing="" if easy else "nothing",
        clause=utterance.topic,
        writes=not easy and "smalltalk" not in utterance.tools,
    )


def _wrong_intents(parts: Parts, path: Path) -> Callable[[], dict[str, str]]:
    known: dict[str, str] | None = None

    def wrong() -> dict[str, str]:
        nonlocal known
        if known is None:
            bound = parts.model().bind_tools(list(parts.tools))
            known = {tried.utterance.id: tried.tool for tried in score_intents(path, bound, today=TODAY).wrong}
        return known

    return wrong


def claims_questions(parts: Parts, files: Sequence[Path]) -> Questions:
    """The claims check lets true sentences out and holds false ones back."""
    scenarios = read_scenarios()
    asked = [
        _sentence(line, scenarios[line.scenario], f"{label}.{part}", true=label == "true")
        for label in ("true", "false")
        for part in ("dev", "heldout")
        for line in read_lines(label, part)
    ]
    return Questions(asked=asked)


def _sentence(line: Line, scenario: Scenario, where: str, *, true: bool) -> Question:
    return Question(
        id=f"{where}:{line.id}",
        words=line.text,
        ask=lambda: judge(line, scenario).released,
        wrong=lambda released: "" if released is true else _TOLD[bool(released)],
        gold=true,
        nothing=False,
        clause=line.kind,
        writes=true,
    )


_TOLD = {True: "let out, and it is false", False: "held back, and it is true"}
