"""A conversation in the terminal: sentences as they come, citations, and the card of a proposal."""

import re
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.answers import Answer, Citation, ShownHandoff, ShownProposal
from tools.domain.money import format_minor

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_AMOUNTS = {"refund": "You get back", "fee": "Fee"}
_OPEN = ("pending", "awaiting_approval")


class Screen:
    """Text from elsewhere is shown as text: neither markup nor control sequences of it reach the terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._in_line = False

    def greet(self, name: str | None) -> None:
        who = (
            f"You are {name}." if name else "You are not signed in; concierge chat --as C000001 signs a demo person in."
        )
        self.console.print(_text("Concierge of Gamma Airways", style="bold cyan"))
        self.console.print(_text(f"{who} An empty line, Ctrl+C or Ctrl+D ends the conversation.", style="dim"))

    def heard(self, text: str) -> None:
        self.console.print(_text(f"\nyou › {text}", style="bold"))

    def ask(self) -> None:
        self.console.print(Text("\nyou › ", style="bold"), end="")

    def tool(self, name: str, outcome: str) -> None:
        self.end_line()
        self.console.print(_text(f"  · {name.replace('_', ' ')}: {outcome}", style="dim"))

    def sentence(self, text: str) -> None:
        self._in_line = not text.endswith("\n")
        self.console.print(_spoken(text), end="", soft_wrap=True)

    def end_line(self) -> None:
        if self._in_line:
            self.console.print()
        self._in_line = False

    def answer(self, answer: Answer) -> None:
        self.end_line()
        for citation in answer.message.citations:
            self.console.print(_text(f"  § {_cited(citation)}", style="cyan"))
        for proposal in answer.proposals:
            if proposal.status in _OPEN:
                self.card(proposal)
            else:
                self.console.print(_text(f"  {proposal.status}: {proposal.summary}", "dim"))
        self.handoff(answer.handoff)

    def card(self, proposal: ShownProposal) -> None:
        parts: list[RenderableType] = [_text(proposal.summary, style="bold"), *_figures(proposal)]
        parts += [_text(f"§ {_cited(clause)}", style="cyan") for clause in proposal.clauses]
        parts.append(_text(_how_to_confirm(proposal), style="yellow"))
        title = "For you to confirm"
        self.console.print(Panel(Group(*parts), title=title, title_align="left", border_style="yellow", expand=False))

    def handoff(self, handoff: ShownHandoff) -> None:
        if handoff.state not in ("queued", "assigned"):
            return
        place = f", place {handoff.position}" if handoff.position else ""
        self.console.print(
            _text(f"  ☎ {handoff.state}{place} · {handoff.case_id or ''} {handoff.note}".rstrip(), style="magenta")
        )

    def trouble(self, sentence: str) -> None:
        self.end_line()
        self.console.print(_text(sentence, style="red"))


def _text(words: str, style: str = "") -> Text:
    return Text(_printable(words), style=style)


def _spoken(text: str) -> Text:
    spoken = Text()
    for index, part in enumerate(_BOLD.split(_printable(text))):
        spoken.append(part, style="bold" if index % 2 else "")
    return spoken


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n")


def _figures(proposal: ShownProposal) -> Iterable[RenderableType]:
    table = Table.grid(padding=(0, 2))
    for amount in proposal.amounts:
        label = _AMOUNTS.get(amount.name, amount.name.replace("_", " ").capitalize())
        table.add_row(_text(label, style="dim"), _text(format_minor(amount.minor, amount.currency), style="bold green"))
    for grant in proposal.grants:
        table.add_row(
            _text(grant.name.replace("_", " ").capitalize(), style="dim"), _text(f"{grant.quantity} {grant.unit}")
        )
    for argument in proposal.arguments:
        label = argument.name.replace("_", " ").capitalize()
        table.add_row(_text(label, style="dim"), _text(f"{argument.value}  (from {argument.source})"))
    return (table,) if table.row_count else ()


def _how_to_confirm(proposal: ShownProposal) -> str:
    phrase = proposal.confirm_phrase or "yes"
    until = proposal.expires_at.astimezone().strftime("%H:%M")
    return f'Type "{phrase}" to confirm or "no" to decline, before {until}. Nothing happens until you do.'


def _cited(citation: Citation) -> str:
    return f"{citation.title} ({citation.clause_id}, version {citation.version})"
