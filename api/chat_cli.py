"""`concierge chat`: the same conversation as over HTTP, in this process."""

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console

from agent.answers import Answer, DoneEvent, ErrorEvent, SentenceEvent, ToolEvent, TurnEvent
from agent.errors import CallerError
from agent.interface import ConciergeLike, Message
from agent.settings import Settings, read_settings
from api.auth.sign_in import build_sign_in, development_issuer
from api.starting import Building
from api.terminal import Screen
from tools.context import Speaker
from tools.sandbox.people import demo_people

if TYPE_CHECKING:
    from agent.bootstrap import Platform as Built

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def chat(
    subject: Annotated[
        str | None, typer.Option("--as", metavar="SUBJECT", help="A demo person, such as C000001.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each answer as one line of JSON.")] = False,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Print what the model sees, each time it is asked, on stderr.")
    ] = False,
) -> None:
    """Talk to Concierge in the terminal. Lines may also be piped in; the exit code is 1 if one was not answered."""
    settings = read_settings()
    speaker = asyncio.run(_speaker(settings, subject))
    try:
        answered = asyncio.run(_chat(settings, speaker, as_json, show_prompt))
    except KeyboardInterrupt:
        typer.echo()
        raise typer.Exit(0) from None
    if not answered:
        raise typer.Exit(1)


async def _speaker(settings: Settings, subject: str | None) -> Speaker:
    """A demo person proves themselves with a real token, like everybody else."""
    if subject is None:
        return Speaker(kind="anonymous")
    token = development_issuer(settings, demo_people()).token(subject)
    if token is None:
        raise typer.BadParameter(f"nobody is called {subject}; GET /dev/people lists them", param_hint="--as")
    sign_in = build_sign_in(settings, demo_people())
    try:
        return await sign_in.speaker(f"Bearer {token}", "")
    finally:
        await sign_in.close()


async def _chat(settings: Settings, speaker: Speaker, as_json: bool, show_prompt: bool) -> bool:
    console = Console(highlight=False)
    building = Building(settings)
    try:
        with Console(stderr=True).status("Preparing Concierge ..."):
            platform = await building.platform
        if show_prompt:
            from agent.prompt_view import show_prompt as render  # noqa: PLC0415 slow to import, and rarely asked for

            cast("Built", platform).ladder.watch = lambda prompt: typer.echo(render(prompt), err=True)
        return await Talk(platform.concierge, speaker, Screen(console), as_json=as_json).until_the_end()
    finally:
        await building.stop()


class Talk:
    def __init__(self, concierge: ConciergeLike, speaker: Speaker, screen: Screen, *, as_json: bool) -> None:
        self._concierge = concierge
        self._speaker = speaker
        self._screen = screen
        self._as_json = as_json

    async def until_the_end(self) -> bool:
        opened = await self._concierge.open(self._speaker)
        self._speaker = replace(self._speaker, secret=opened.secret)
        if not self._as_json:
            self._screen.greet(self._speaker.name or None)
        answered = True
        while text := await self._next_line():
            answered = await self._say(opened.id, text) and answered
        return answered

    async def _next_line(self) -> str:
        """The next line that says something; empty at the end. A person's empty line ends, a piped one is skipped."""
        if sys.stdin.isatty():
            self._screen.ask()
            await _readable(sys.stdin.fileno())
            return sys.stdin.readline().strip()
        for line in sys.stdin:
            if line.strip():
                if not self._as_json:
                    self._screen.heard(line.strip())
                return line.strip()
        return ""

    async def _say(self, conversation_id: str, text: str) -> bool:
        try:
            turn = await self._concierge.handle(Message(conversation_id=conversation_id, text=text), self._speaker)
            async for event in turn.events():
                if isinstance(event, ErrorEvent):
                    self._screen.trouble(event.detail)
                    return False
                self._show(event)
        except CallerError as refused:
            self._screen.trouble(str(refused))
            return False
        return True

    def _show(self, event: TurnEvent) -> None:
        match event:
            case DoneEvent(answer=answer):
                self._done(answer)
            case ToolEvent() if not self._as_json:
                self._screen.tool(event.name, event.outcome)
            case SentenceEvent() if not self._as_json:
                self._screen.sentence(event.text)
            case _:
                pass  # citations, card and hand-off are shown with the whole answer

    def _done(self, answer: Answer) -> None:
        if answer.secret is not None:
            self._speaker = replace(self._speaker, secret=answer.secret)
        if self._as_json:
            typer.echo(answer.model_dump_json(exclude={"secret"}))
        else:
            self._screen.answer(answer)


async def _readable(file: int) -> None:
    """Waits for a line without a thread, which Ctrl+C could not end."""
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(file)
