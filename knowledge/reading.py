"""From a clause file to a clause: every key checked, every expression typed, every finding with its place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, get_args

from ruamel.yaml.nodes import MappingNode, Node

from knowledge.clause import AmountRule, Audience, Basis, Clause, Effect, Effective, GrantRule, Rule
from knowledge.expression import Expression, ExpressionError, Language
from knowledge.frontmatter import LintFinding, PackError, Sheet, compose, entries, items, locate, plain, position
from knowledge.values import Kind, Term, parse_term

T = TypeVar("T")

_KEYS = ("id", "version", "title", "effective", "authority", "audience", "governs")
_OPTIONAL = ("overrides", "scope", "terms", "defines", "rules", "approver", "waivable_by")
_RULE_KEYS = (
    *("when", "effect", "amounts", "currency", "grants", "say", "on_statement"),
    *("automatic_up_to", "approver", "waivable_by"),
)
_SCOPE_KEYS = ("from", "to", "carrier", "cabin")
_ROLES = ("agent", "supervisor")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NAME = re.compile(r"[a-z]\w*")
_DERIVED = re.compile(r"[a-z]\w*\.[a-z]\w*")
_PLACEHOLDER = re.compile(r"\{([a-z][\w.]*)\}")
BOOKING_CURRENCY = "booking.currency"


def render_terms(text: str, terms: Mapping[str, Term]) -> str:
    """Fill the placeholders that name a term; amounts and facts stay for the decision."""
    return _PLACEHOLDER.sub(lambda match: terms[match[1]].text if match[1] in terms else match[0], text)


def placeholders(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


@dataclass(kw_only=True, slots=True)
class Draft:
    """A clause file whose keys are read and whose expressions wait for the vocabulary of the whole pack."""

    sheet: Sheet
    nodes: Mapping[str, tuple[Node, Node]]
    id: str
    version: int
    terms: Mapping[str, Term]
    findings: list[LintFinding] = field(default_factory=list)

    def value(self, key: str) -> Node | None:
        return self.nodes[key][1] if key in self.nodes else None

    def note(self, node: Node | None, message: str) -> None:
        where = position(node) if node else position(self.nodes["id"][0])
        self.findings.append(self.sheet.finding(where, message))

    def definitions(self) -> Mapping[str, Node]:
        node = self.value("defines")
        if node is None:
            return {}
        return {name: value for name, (_, value) in entries(node, self.sheet, "defines").items()}

    def _rule_nodes(self) -> list[Mapping[str, Node]]:
        node = self.value("rules")
        found = items(node, self.sheet, "rules") if node else []
        return [{name: value for name, (_, value) in entries(item, self.sheet, "a rule").items()} for item in found]

    def says(self) -> list[Node | None]:
        """The `say` of each rule, None where a rule has none."""
        return [keys.get("say") for keys in self._rule_nodes()]

    def expressions(self) -> list[Node]:
        """Every expression of the clause: definitions, conditions and amounts."""
        found = list(self.definitions().values())
        for keys in self._rule_nodes():
            found += [keys["when"]] if "when" in keys else []
            if "amounts" in keys:
                found += [value for _, value in entries(keys["amounts"], self.sheet, "amounts").values()]
        return found


def read_draft(sheet: Sheet) -> Draft:
    """Read a sheet's keys and terms. Raises PackError when the front matter is no clause at all."""
    node = compose(sheet.head, sheet.name)
    if not isinstance(node, MappingNode):
        raise PackError([LintFinding(path=sheet.name, line=1, column=1, message="the front matter must be a mapping")])
    nodes = entries(node, sheet, "the front matter")
    findings = [
        sheet.finding(position(key), f"unknown key '{name}'")
        for name, (key, _) in nodes.items()
        if name not in (*_KEYS, *_OPTIONAL)
    ]
    findings += [sheet.finding(position(node), f"the key '{name}' is missing") for name in _KEYS if name not in nodes]
    if findings:
        raise PackError(findings)
    return _checked_draft(sheet, nodes)


def _checked_draft(sheet: Sheet, nodes: Mapping[str, tuple[Node, Node]]) -> Draft:
    version = plain(nodes["version"][1])
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise sheet.fail(position(nodes["version"][1]), "version must be a whole number from 1")
    draft = Draft(sheet=sheet, nodes=nodes, id=str(plain(nodes["id"][1])), version=version, terms={})
    expected = f"{draft.id}.v{version}.md"
    if sheet.path.name != expected:
        draft.note(nodes["id"][1], f"the file must be named {expected}")
    draft.terms = _read_terms(draft)
    return draft


def _read_terms(draft: Draft) -> Mapping[str, Term]:
    node, terms = draft.value("terms"), dict[str, Term]()
    if node is None:
        return terms
    for name, (key, value) in entries(node, draft.sheet, "terms").items():
        term = parse_term(plain(value))
        if term is None or not _NAME.fullmatch(name):
            draft.note(key, f"term '{name}' is not a figure, a duration, money, words or a list of words")
        else:
            terms[name] = term
    return terms


def read_clause(draft: Draft, language: Language) -> Clause:
    """Type-check a draft against the vocabulary. What is wrong is noted in the draft's findings."""
    return Clause(
        id=draft.id,
        version=draft.version,
        title=render_terms(_text(draft, "title"), draft.terms),
        effective=_read_effective(draft),
        authority=_text(draft, "authority"),
        audience=_choice(draft, draft.value("audience"), "audience", get_args(Audience), "customer"),
        governs=_words(draft, "governs"),
        overrides=_words(draft, "overrides"),
        scope=_read_scope(draft),
        terms=draft.terms,
        defines=_read_defines(draft, language),
        rules=_read_rules(draft, language),
        body=render_terms(draft.sheet.body, draft.terms).strip(),
        path=draft.sheet.path,
        sheet=draft.sheet,
        position=position(draft.nodes["id"][0]),
    )


def _text(draft: Draft, key: str) -> str:
    node = draft.value(key)
    value = plain(node) if node else ""
    if not isinstance(value, str) or not value:
        draft.note(node, f"{key} must be words")
    return str(value)


def _words(draft: Draft, key: str) -> tuple[str, ...]:
    node = draft.value(key)
    if node is None:
        return ()
    values = plain(node)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        draft.note(node, f"{key} must be a list of names")
        return ()
    return tuple(str(value) for value in values)


def _choice(draft: Draft, node: Node | None, what: str, allowed: tuple[T, ...], default: T) -> T:
    value = plain(node) if node else default
    for choice in allowed:
        if value == choice:
            return choice
    draft.note(node, f"{what} must be one of {', '.join(map(str, allowed))}")
    return default


def _read_effective(draft: Draft) -> Effective:
    node = draft.nodes["effective"][1]
    keys = entries(node, draft.sheet, "effective")
    for name, (key, _) in keys.items():
        if name not in ("basis", "from", "until"):
            draft.note(key, f"unknown key '{name}' in effective")
    basis: Basis = _choice(draft, keys["basis"][1] if "basis" in keys else node, "basis", get_args(Basis), "today")
    start = _day(draft, keys["from"][1]) if "from" in keys else None
    if start is None:
        draft.note(node, "effective needs a date 'from'")
    until = _day(draft, keys["until"][1]) if "until" in keys else None
    if start and until and until <= start:
        draft.note(keys["until"][1], "'until' must be after 'from'")
    return Effective(basis=basis, start=start or date.min, until=until)


def _day(draft: Draft, node: Node) -> date | None:
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        draft.note(node, "not a date (write 2025-01-31)")
        return None


def _read_scope(draft: Draft) -> Mapping[str, tuple[str, ...]]:
    node, scope = draft.value("scope"), dict[str, tuple[str, ...]]()
    if node is None:
        return scope
    for name, (key, value) in entries(node, draft.sheet, "scope").items():
        wanted = plain(value)
        if name not in _SCOPE_KEYS:
            draft.note(key, f"unknown key '{name}' in scope")
        scope[name] = tuple(map(str, wanted)) if isinstance(wanted, list) else (str(wanted),)
    return scope


def _expression(draft: Draft, node: Node, language: Language, expect: tuple[Kind, ...] | None) -> Expression | None:
    text = str(node.value) if not isinstance(node.value, list) else ""
    try:
        return language.compile(text, draft.terms, expect)
    except ExpressionError as error:
        where = locate(node, draft.sheet.head, error.line, error.column)
        draft.findings.append(draft.sheet.finding(where, str(error)))
        return None


def _read_defines(draft: Draft, language: Language) -> Mapping[str, Expression]:
    defines = {}
    for name, node in draft.definitions().items():
        if not _DERIVED.fullmatch(name):
            draft.note(node, f"'{name}' must be a dotted name in small letters")
        if expression := _expression(draft, node, language, None):
            defines[name] = expression
    return defines


def _read_rules(draft: Draft, language: Language) -> tuple[Rule, ...]:
    node = draft.value("rules")
    if node is None:
        return ()
    return tuple(
        _read_rule(draft, language, number, item)
        for number, item in enumerate(items(node, draft.sheet, "rules"), start=1)
    )


def _read_rule(draft: Draft, language: Language, number: int, node: Node) -> Rule:
    keys = {name: value for name, (_, value) in entries(node, draft.sheet, "a rule").items()}
    for name, value in keys.items():
        if name not in _RULE_KEYS:
            draft.note(value, f"unknown key '{name}' in a rule")
    effect: Effect = _choice(draft, keys.get("effect", node), "effect", get_args(Effect), "needs_human")
    automatic = keys.get("automatic_up_to")
    return Rule(
        number=number,
        when=_expression(draft, keys["when"], language, ("bool",)) if "when" in keys else None,
        effect=effect,
        amounts=_each(draft, keys.get("amounts"), "amounts", _amount_reader(draft, language, keys.get("currency"))),
        grants=_each(draft, keys.get("grants"), "grants", lambda name, value: _grant(draft, language, name, value)),
        say=_read_say(draft, keys),
        on_statement=_choice(draft, keys.get("on_statement"), "on_statement", (False, True), False),
        automatic_up_to=_amount_reader(draft, language, keys.get("currency"))("automatic_up_to", automatic)
        if automatic
        else None,
        approver=_role(draft, keys, "approver"),
        waivable_by=_role(draft, keys, "waivable_by"),
        position=position(node),
    )


def _read_say(draft: Draft, keys: Mapping[str, Node]) -> str:
    """What the rule says, its terms filled in; an amount of the decision beats a term of the same name."""
    granted = [plain(keys[key]) for key in ("amounts", "grants") if key in keys]
    names = {name for item in granted if isinstance(item, dict) for name in item}
    terms = {name: term for name, term in draft.terms.items() if name not in names}
    return render_terms(str(plain(keys["say"])), terms) if "say" in keys else ""


def _role(draft: Draft, keys: Mapping[str, Node], key: str) -> str | None:
    node = keys.get(key) or draft.value(key)
    return _choice(draft, node, key, _ROLES, _ROLES[1]) if node else None


def _each(draft: Draft, node: Node | None, what: str, read: Callable[[str, Node], T | None]) -> tuple[T, ...]:
    if node is None:
        return ()
    found = (read(name, value) for name, (_, value) in entries(node, draft.sheet, what).items())
    return tuple(item for item in found if item is not None)


def _amount_reader(
    draft: Draft, language: Language, currency_node: Node | None
) -> Callable[[str, Node], AmountRule | None]:
    stated = str(plain(currency_node)) if currency_node else None
    if stated and not _CURRENCY.fullmatch(stated) and language.kinds.get(stated) != "string":
        draft.note(currency_node, "currency must be an ISO code or a fact that holds one")

    def read(name: str, node: Node) -> AmountRule | None:
        expression = _expression(draft, node, language, ("int",))
        if expression is None:
            return None
        currency = stated or _currency_of_terms(draft, node, expression)
        return AmountRule(name=name, expression=expression, currency=currency)

    return read


def _currency_of_terms(draft: Draft, node: Node, expression: Expression) -> str:
    """The currency of the money terms an amount is made of; without any, the booking's."""
    found = {currency for name in expression.terms if (currency := draft.terms[name].currency)}
    if len(found) > 1:
        draft.note(node, f"mixes {' and '.join(sorted(found))}")
    return found.pop() if found else BOOKING_CURRENCY


def _grant(draft: Draft, language: Language, name: str, node: Node) -> GrantRule | None:
    keys = {key: value for key, (_, value) in entries(node, draft.sheet, "a grant").items()}
    if set(keys) != {"quantity", "unit"}:
        draft.note(node, "a grant has a quantity and a unit")
        return None
    quantity = _expression(draft, keys["quantity"], language, ("int",))
    return GrantRule(name=name, quantity=quantity, unit=str(plain(keys["unit"]))) if quantity else None
