"""Typed expressions: CEL (Common Expression Language) compiled against the fact vocabulary.

A clause's terms are written into the expression as literals before it is compiled, so that every expression of a pack
shares one environment and one activation of facts.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cel_expr_python import cel  # type: ignore[import-untyped]  # ships a .pyi but no py.typed

from knowledge.values import Kind, Term, Value

Facts = Mapping[str, Value]

_CEL_TYPES: Mapping[Kind, cel.Type] = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "string": cel.Type.STRING,
    "strings": cel.Type.List(cel.Type.STRING),
    "duration": cel.Type.DURATION,
    "timestamp": cel.Type.TIMESTAMP,
}
_KIND_OF_NAME: Mapping[str, Kind] = {cel_type.name(): kind for kind, cel_type in _CEL_TYPES.items()}
_TOKEN = re.compile(r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)""")
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_HAS = re.compile(r"\bhas\s*\(")


class ExpressionError(Exception):
    """An expression that does not compile; line and column count from one within the expression."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def half(amount: int) -> int:
    """Half of an amount in minor units, rounded up for the passenger."""
    return (amount + 1) // 2


def percent(amount: int, rate: int) -> int:
    """A percentage of an amount in minor units; halves round up for the passenger."""
    return (amount * rate + 50) // 100


def _binary(name: str, implementation: object, *parameters: cel.Type) -> cel.FunctionDecl:
    overload = cel.Overload(f"{name}_int", cel.Type.INT, list(parameters), False, implementation)
    return cel.FunctionDecl(name, [overload])


_FUNCTIONS = (
    ("half", half, (cel.Type.INT,)),
    ("percent", percent, (cel.Type.INT, cel.Type.INT)),
    ("least", min, (cel.Type.INT, cel.Type.INT)),
    ("most", max, (cel.Type.INT, cel.Type.INT)),
)


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f'duration("{int(value.total_seconds())}s")'
    if isinstance(value, datetime):
        return f'timestamp("{value.isoformat()}")'
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return repr(value) if isinstance(value, int | float) else json.dumps(value)


def names_in(text: str) -> tuple[str, ...]:
    """Every dotted name an expression mentions, in order of appearance, outside string literals."""
    names = (match["name"] for match in _TOKEN.finditer(text) if match["name"])
    return tuple(dict.fromkeys(name for name in names if "." in name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What an expression came to. A missing or failing input is a value too: `ok` is False, `missing` names facts."""

    ok: bool
    value: Value | None = None
    missing: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A compiled expression, the kind of its result, and the facts and terms it mentions."""

    text: str
    kind: Kind
    facts: tuple[str, ...]
    terms: tuple[str, ...]
    program: cel.Expression

    def evaluate(self, inputs: "Inputs") -> Evaluation:
        """The value over the given facts; an error value when a fact that matters is missing."""
        result = self.program.eval(inputs.activation)
        if result.type() == cel.Type.ERROR:
            missing = tuple(name for name in self.facts if name not in inputs.facts)
            return Evaluation(ok=False, missing=missing, error=str(result.value()))
        return Evaluation(ok=True, value=_plain(result))


def _plain(result: cel.Value) -> Value:
    value = result.plain_value()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, bool | int | float | str | timedelta | datetime):
        return value
    raise TypeError(f"an expression gave {type(value).__name__}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Checked facts, bound once for all expressions of a decision."""

    facts: Facts
    activation: cel.Activation


class Language:
    """The names expressions may use: facts with their kinds, and the functions of money."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = dict(kinds)
        self._env = cel.NewEnv(
            variables={name: _CEL_TYPES[kind] for name, kind in self.kinds.items()},
            functions=[_binary(name, run, *parameters) for name, run, parameters in _FUNCTIONS],
        )

    def bind(self, facts: Facts) -> Inputs:
        data = {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}
        return Inputs(facts=facts, activation=self._env.Activation(data))

    def compile(self, text: str, terms: Mapping[str, Term], expect: Iterable[Kind] | None = None) -> Expression:
        """Type-check an expression and make it ready to run.

        Raises ExpressionError at the place of an unknown name, a type error or a result of another kind.
        """
        if found := _HAS.search(text):
            raise ExpressionError("has() is not allowed: declare a fact of its own", *_place(text, found.start()))
        written, shifts = _write_terms(text, terms)
        kind, program = self._check(written, text, shifts)
        if expect is not None and kind not in expect:
            raise ExpressionError(f"gives {kind}, but must give {' or '.join(expect)}")
        mentioned = names_in(text)
        return Expression(
            text=text,
            kind=kind,
            facts=tuple(name for name in mentioned if name in self.kinds),
            terms=tuple(name.removeprefix("term.") for name in mentioned if name.startswith("term.")),
            program=program,
        )

    def _check(self, written: str, text: str, shifts: "_Shifts") -> tuple[Kind, cel.Expression]:
        try:
            program = self._env.compile(written)
        except RuntimeError as error:
            raise _readable(str(error), written, text, shifts) from error
        kind = _KIND_OF_NAME.get(program.return_type().name())
        if kind is None:
            raise ExpressionError(f"gives {program.return_type().name()}, which no rule can use")
        return kind, program


_Shifts = list[tuple[int, int, int]]
"""For each term written in: where its literal starts and ends, and where its name started."""


def _write_terms(text: str, terms: Mapping[str, Term]) -> tuple[str, _Shifts]:
    parts, shifts, end, length = [], _Shifts(), 0, 0
    for match in _TOKEN.finditer(text):
        name = match["name"]
        if not name or not name.startswith("term."):
            continue
        term = terms.get(name.removeprefix("term."))
        if term is None:
            raise ExpressionError(f"unknown term '{name}'", *_place(text, match.start()))
        literal = _literal(term.value)
        parts += [text[end : match.start()], literal]
        length += match.start() - end
        shifts.append((length, length + len(literal), match.start()))
        length, end = length + len(literal), match.end()
    return "".join([*parts, text[end:]]), shifts


def _readable(error: str, written: str, text: str, shifts: _Shifts) -> ExpressionError:
    found = _ERROR.search(error)
    if found is None:
        return ExpressionError(error.splitlines()[0])
    rows = written.split("\n")
    offset = sum(len(row) + 1 for row in rows[: int(found[1]) - 1]) + int(found[2]) - 1
    offset = _before_terms(offset, text, shifts)
    while "undeclared reference" in found[3] and offset and (text[offset - 1].isalnum() or text[offset - 1] in "._"):
        offset -= 1
    message = found[3].replace(" (in container '')", "").replace("undeclared reference to", "unknown fact")
    message = message.replace("google.protobuf.", "")
    return ExpressionError(message, *_place(text, offset))


def _before_terms(offset: int, text: str, shifts: _Shifts) -> int:
    """Map an offset in the written expression back to the one its author typed."""
    moved = 0
    for start, end, original in shifts:
        if offset < start:
            break
        if offset < end:
            return original
        name = _TOKEN.match(text, original)
        moved = (name.end() if name else original) - end
    return offset + moved


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
