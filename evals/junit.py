"""Results as JUnit XML: a suite a testsuite, a trial a testcase."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from evals.gate import Breach
from evals.results import SELF_TEST, Outcome, SuiteResult

FILE = "junit.xml"


def write_junit(folder: Path, results: Sequence[SuiteResult], breaches: Sequence[Breach]) -> Path:
    """The gate is a suite of its own. Self-tests are left out: they are meant to fail, or trivially right."""
    root = Element("testsuites", name="concierge")
    for result in results:
        if result.agent not in SELF_TEST:
            _suite(root, result)
    gate = SubElement(root, "testsuite", name="gate", tests=str(max(1, len(breaches))), failures=str(len(breaches)))
    for breach in breaches:
        failure = SubElement(SubElement(gate, "testcase", classname="gate", name=breach.suite), "failure")
        failure.set("message", str(breach))
    if not breaches:
        SubElement(gate, "testcase", classname="gate", name="kept")
    path = folder / FILE
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _suite(root: Element, result: SuiteResult) -> None:
    failed = sum(outcome.passed is False for outcome in result.scored)
    skipped = sum(outcome.passed is None and outcome.crashed is None for outcome in result.outcomes)
    suite = SubElement(
        root,
        "testsuite",
        name=result.name,
        tests=str(len(result.outcomes)),
        failures=str(failed),
        errors=str(len(result.crashed)),
        skipped=str(skipped),
    )
    for outcome in result.outcomes:
        _case(suite, result, outcome)


def _case(suite: Element, result: SuiteResult, outcome: Outcome) -> None:
    name = outcome.id if result.trials == 1 else f"{outcome.id} #{outcome.trial}"
    case = SubElement(suite, "testcase", classname=result.name, name=name, time=f"{outcome.milliseconds / 1000:.3f}")
    if outcome.crashed is not None:
        SubElement(case, "error", message=_plain(outcome.crashed))
    elif outcome.passed is False:
        why = "; ".join(f"{scorer}: {words}" for scorer, words in outcome.why.items())
        SubElement(case, "failure", message=_plain(why[:1000]))
    elif outcome.passed is None:
        SubElement(case, "skipped", message="nothing to score")


def _plain(text: str) -> str:
    """XML 1.0 has no control characters."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")
