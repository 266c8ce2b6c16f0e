"""Figures in a clause's words: each stands once, as a term, so none may be typed into prose or a rule."""

import re
from collections.abc import Collection, Iterator

from ruamel.yaml.nodes import Node

from knowledge.clause import Clause, Rule
from knowledge.frontmatter import LintFinding, locate, position
from knowledge.reading import Draft, placeholders

# What may hold digits without being a figure of policy: citations of law and standards, and codes.
_REFERENCES = re.compile(
    r"""
      (?:Regulation|Directive|Decision|Council\s+Regulation)\s+\((?:EC|EU|EEC)\)\s+(?:No\s+)?\d+/\d+
    | EC\s?261(?:/2004)? | UK\s?261 | GDPR | MC\s?99 | SOR/\d{4}-\d+ | SDR
    | \b(?:Articles?|Art\.|Arts\.|Annex|Recital|ss?\.|[Ss]ections?|[Pp]aragraphs?|[Pp]art|Resolution)
        \s*\d+[A-Za-z]?(?:\.\d+)*(?:\([\w.]+\))*(?:(?:,|\s+and|\s+to|\s+or)\s(?:\d+[A-Za-z]?(?:\.\d+)*)?(?:\([\w.]+\))*)*
    | \b\d+\s+(?:CFR|U\.S\.C\.)(?:\s+(?:(?:Part|§|and)\s+)?\d+(?:\.\d+[a-z]?)?(?:\([\w.]+\))*)*
    | \bC-\d+/\d+(?:\s+(?:and|to)\s+C-\d+/\d+)*
    | Convention\s+(?:of\s+)?1999 | COVID-19 | \bISO\s+\d+(?:-\d+)? | \b[A-Z]{2,}(?:-[A-Z0-9]+)+\b
    """,
    re.VERBOSE,
)
_PLACEHOLDER = re.compile(r"\{[a-z][\w.]*\}")
_DIGITS = re.compile(r"\d[\d,.]*")
_COUNT_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|twenty|thirty|sixty|ninety|hundred"
_UNIT_WORDS = (
    r"(?:hours?|days?|weeks?|months?|years?|minutes?|kilos?|kilograms?|pieces?|bags?|euros?|per\ cent|percent)"
)
_COUNTED = re.compile(rf"\b(?:{_COUNT_WORDS})\b(?=[\s-]+(?:\w+\s)?{_UNIT_WORDS}\b)", re.IGNORECASE)
_LITERAL = re.compile(r"""(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])|(duration|timestamp)\s*\(""")
_STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'")


def lint_prose(clause: Clause) -> Iterator[LintFinding]:
    """Figures and unknown placeholders in the wording below the front matter."""
    body = clause.sheet.body
    for offset, figure in _figures(body):
        yield _in_body(clause, offset, _not_a_term(figure))
    for match in _PLACEHOLDER.finditer(body):
        if match[0][1:-1] not in clause.terms:
            yield _in_body(clause, match.start(), f"{match[0]} is not a term of this clause")


def _in_body(clause: Clause, offset: int, message: str) -> LintFinding:
    before = clause.sheet.body[:offset]
    line = clause.sheet.body_line + before.count("\n")
    column = offset - (before.rfind("\n") + 1) + 1
    return LintFinding(path=clause.sheet.name, line=line, column=column, message=message)


def _not_a_term(figure: str) -> str:
    return f"the figure '{figure}' stands in the prose: make it a term"


def _figures(text: str) -> Iterator[tuple[int, str]]:
    blanked = _PLACEHOLDER.sub(lambda match: " " * len(match[0]), text)
    blanked = _REFERENCES.sub(lambda match: " " * len(match[0]), blanked)
    for pattern in (_DIGITS, _COUNTED):
        for match in pattern.finditer(blanked):
            yield match.start(), match[0].rstrip(".,")


def lint_rules(clause: Clause, draft: Draft, facts: Collection[str]) -> Iterator[LintFinding]:
    """Figures typed into title, expressions or `say`, and placeholders of `say` that nothing fills."""
    title = draft.nodes["title"][1]
    titled = " ".join(term.text for term in clause.terms.values())
    loose = (figure for _, figure in _figures(str(title.value)) if figure not in titled)
    yield from (clause.sheet.finding(position(title), _not_a_term(figure)) for figure in loose)
    for node in draft.expressions():
        yield from _lint_expression(clause, node)
    for rule, say in zip(clause.rules, draft.says(), strict=True):
        if say is not None:
            yield from _lint_say(clause, rule, say, facts)


def _lint_expression(clause: Clause, node: Node) -> Iterator[LintFinding]:
    for match in _LITERAL.finditer(_STRINGS.sub(lambda found: " " * len(found[0]), str(node.value))):
        if match[1] not in ("0", "1"):
            where = locate(node, clause.sheet.head, 1, match.start() + 1)
            yield clause.sheet.finding(where, f"the figure '{match[0]}' stands in a rule: make it a term")


def _lint_say(clause: Clause, rule: Rule, node: Node, facts: Collection[str]) -> Iterator[LintFinding]:
    for _, figure in _figures(str(node.value)):
        yield clause.sheet.finding(position(node), _not_a_term(figure))
    filled = {*clause.terms, *facts, *(amount.name for amount in rule.amounts), *(grant.name for grant in rule.grants)}
    for name in placeholders(str(node.value)):
        if name not in filled:
            yield clause.sheet.finding(position(node), f"nothing fills {{{name}}}")
