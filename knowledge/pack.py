"""A policy pack: a folder of clauses, loaded, typed and ready to decide."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from knowledge.clause import Audience, Clause
from knowledge.decide import Decision, decide
from knowledge.expression import ExpressionError, Facts, Language, names_in
from knowledge.frontmatter import LintFinding, PackError, compose, plain, read_sheet
from knowledge.reading import Draft, read_clause, read_draft
from knowledge.values import Kind
from knowledge.vocabulary import FACTS

_CLAUSE_FILES = "*.v*.md"
_AIRLINE_FILE = "airline.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrier:
    """A carrier whose flights the airline sells: where it is licensed, and its size by Canada's regulations."""

    region: str
    size: str


def default_pack_path() -> Path:
    """The folder of the pack that ships: Gamma Airways."""
    return Path(__file__).parent / "policies"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPack:
    """Every version of every clause, indexed by what it governs."""

    path: Path
    airline: str
    carriers: Mapping[str, Carrier]
    clauses: tuple[Clause, ...]
    digest: str
    language: Language
    derivations: tuple[tuple[str, ...], ...]
    _definers: Mapping[str, tuple[Clause, ...]]
    _governing: Mapping[str, tuple[tuple[Clause, ...], ...]]
    _derived: Mapping[str, frozenset[str]]

    def definers(self, name: str) -> Sequence[Clause]:
        return self._definers[name]

    def governing(self, action: str) -> Sequence[Sequence[Clause]]:
        return self._governing.get(action, ())

    def derived_for(self, action: str) -> frozenset[str]:
        return self._derived.get(action, frozenset())

    def facts_for(self, action: str) -> frozenset[str]:
        """Every fact that clauses governing an action look at, in any version, also by way of derived facts."""
        clauses = [clause for versions in self.governing(action) for clause in versions]
        named = {name for clause in clauses for rule in clause.rules for name in rule.facts}
        made_of = {
            name
            for derived in self.derived_for(action)
            for clause in self._definers[derived]
            for name in clause.defines[derived].facts
        }
        return frozenset(name for name in named | made_of if name in FACTS)

    def needed_by(self, clause: Clause) -> frozenset[str]:
        """Every derived fact that a clause may need, or defines."""
        named = {name for rule in clause.rules for name in rule.facts} | set(clause.defines)
        return _closure(named, self._definers)

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(sorted(self._governing))

    def clause(self, clause_id: str, version: int | None = None, on: date | None = None) -> Clause | None:
        """One version of a clause: the named one, else the one in force on a day, else the newest."""
        versions = [clause for clause in self.clauses if clause.id == clause_id]
        if version is not None:
            versions = [clause for clause in versions if clause.version == version]
        elif on is not None:
            versions = [clause for clause in versions if clause.effective.covers(on)]
        return max(versions, key=lambda clause: clause.version, default=None)

    def effective(self, on: date, audience: Audience = "customer") -> tuple[Clause, ...]:
        """The clauses in force on a day that an audience may read; staff read all."""
        return tuple(
            clause
            for clause in self.clauses
            if clause.effective.covers(on) and (audience == "staff" or clause.audience == "customer")
        )

    def under(self, authority: str) -> "PolicyPack":
        """The pack as one authority alone would have it: only its clauses govern, all definitions stay."""
        governing = {
            action: tuple(versions for versions in groups if versions[0].authority == authority)
            for action, groups in self._governing.items()
        }
        return replace(self, _governing=governing)

    def decide(self, action: str, facts: Facts, *, now: datetime, audience: Audience = "customer") -> Decision:
        return decide(self, action, facts, now=now, audience=audience)


def load_pack(folder: Path, facts: Mapping[str, Kind] | None = None) -> PolicyPack:
    """Load and type-check a pack. Raises PackError, whose text is one line, when anything in it cannot be served.

    facts: names that the pack's records have beyond the vocabulary, with their types.
    """
    pack, findings = read_pack(folder, facts)
    if pack is None or findings:
        raise PackError(findings)
    return pack


def read_pack(folder: Path, facts: Mapping[str, Kind] | None = None) -> tuple[PolicyPack | None, list[LintFinding]]:
    """Load what can be loaded, with a finding for everything that cannot."""
    paths = sorted(folder.rglob(_CLAUSE_FILES)) if folder.is_dir() else []
    if not paths:
        what = "holds no clauses" if folder.is_dir() else "is not a folder"
        return None, [LintFinding(path=str(folder), line=1, column=1, message=f"the policy pack {what}")]
    drafts, findings = _read_drafts(paths, folder)
    language, layers = _vocabulary(drafts, facts or {})
    clauses = []
    for draft in drafts:
        try:
            clauses.append(read_clause(draft, language))
        except PackError as error:
            draft.findings += error.findings
    findings += [finding for draft in drafts for finding in draft.findings]
    findings += _duplicates(clauses)
    name, carriers, unread = _read_airline(folder / _AIRLINE_FILE)
    findings += unread
    if findings:
        return None, findings
    return replace(_assemble(folder, clauses, language, layers), airline=name, carriers=carriers), []


def _read_airline(path: Path) -> tuple[str, Mapping[str, Carrier], list[LintFinding]]:
    """The airline's name and carriers; a pack without the file has none."""
    if not path.is_file():
        return "", {}, []
    try:
        node = compose(path.read_text(encoding="utf-8"), path.name)
    except PackError as error:
        return "", {}, error.findings
    raw = plain(node) if node else None
    listed = raw.get("carriers") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(listed, dict) or not all(map(_is_carrier, listed.values())):
        message = "needs a name and carriers, each with a region and a size"
        return "", {}, [LintFinding(path=path.name, line=1, column=1, message=message)]
    carriers = {
        code: Carrier(region=str(row["region"]), size=str(row["size"]))
        for code, row in listed.items()
        if isinstance(row, dict)
    }
    return str(raw.get("name", "")), carriers, []


def _is_carrier(row: object) -> bool:
    return isinstance(row, dict) and {"region", "size"} <= set(row)


def _read_drafts(paths: Sequence[Path], folder: Path) -> tuple[list[Draft], list[LintFinding]]:
    drafts, findings = [], []
    for path in paths:
        try:
            drafts.append(read_draft(read_sheet(path, folder)))
        except PackError as error:
            findings += error.findings
        except UnicodeDecodeError:
            name = path.relative_to(folder).as_posix()
            findings.append(LintFinding(path=name, line=1, column=1, message="not readable as UTF-8 text"))
    return drafts, findings


def _vocabulary(drafts: Sequence[Draft], more: Mapping[str, Kind]) -> tuple[Language, list[tuple[str, ...]]]:
    """Type the derived facts layer by layer, each from the vocabulary and the layers before it."""
    kinds: dict[str, Kind] = {name: fact.type for name, fact in FACTS.items()} | dict(more)
    waiting = [(draft, name, str(node.value)) for draft in drafts for name, node in draft.definitions().items()]
    language, layers = Language(kinds), list[tuple[str, ...]]()
    names = {name for _, name, _ in waiting}
    while ready := [item for item in waiting if not (names - set(kinds)).intersection(names_in(item[2]))]:
        layer = {name: kind for draft, name, text in ready if (kind := _kind(language, draft, text))}
        kinds |= layer
        layers.append(tuple(layer))
        language = Language(kinds)
        names -= {name for _, name, _ in ready}
        waiting = [item for item in waiting if item not in ready]
    for draft, name, _ in waiting:
        draft.note(draft.definitions()[name], f"'{name}' is defined by way of itself")
    return language, layers


def _kind(language: Language, draft: Draft, text: str) -> Kind | None:
    try:
        return language.compile(text, draft.terms).kind
    except ExpressionError:
        return None


def _duplicates(clauses: Sequence[Clause]) -> list[LintFinding]:
    seen: dict[tuple[str, int], Clause] = {}
    findings = []
    for clause in clauses:
        first = seen.setdefault((clause.id, clause.version), clause)
        if first is not clause:
            where = clause.sheet.finding(clause.position, f"{clause.label} also stands in {first.sheet.name}")
            findings.append(where)
    return findings


def _assemble(
    folder: Path, clauses: Sequence[Clause], language: Language, layers: Sequence[tuple[str, ...]]
) -> PolicyPack:
    ordered = tuple(sorted(clauses, key=lambda clause: (clause.id, clause.version)))
    definers: dict[str, tuple[Clause, ...]] = {}
    grouped: dict[str, dict[str, tuple[Clause, ...]]] = {}
    for clause in ordered:
        for name in clause.defines:
            definers[name] = (*definers.get(name, ()), clause)
        for action in clause.governs:
            versions = grouped.setdefault(action, {})
            versions[clause.id] = (*versions.get(clause.id, ()), clause)
    governing = {action: tuple(versions.values()) for action, versions in grouped.items()}
    return PolicyPack(
        path=folder,
        airline="",
        carriers={},
        clauses=ordered,
        digest=_digest(folder),
        language=language,
        derivations=tuple(layers),
        _definers=definers,
        _governing=governing,
        _derived={action: _derived(groups, definers) for action, groups in governing.items()},
    )


def _derived(groups: Sequence[Sequence[Clause]], definers: Mapping[str, Sequence[Clause]]) -> frozenset[str]:
    """Every derived fact that some version of some governing clause may need."""
    named = {name for versions in groups for clause in versions for rule in clause.rules for name in rule.facts}
    return _closure(named, definers)


def _closure(named: set[str], definers: Mapping[str, Sequence[Clause]]) -> frozenset[str]:
    """The derived facts among some names, and those they are made of in turn."""
    waiting, found = set(named), set[str]()
    while waiting:
        name = waiting.pop()
        if name in definers and name not in found:
            found.add(name)
            waiting.update(fact for clause in definers[name] for fact in clause.defines[name].facts)
    return frozenset(found)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".md", ".yaml"):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
