"""One of several server processes, started by api/workers.py: `python -m api.worker_cli FILE_DESCRIPTOR`."""

import asyncio
import os
import socket
import sys

import typer

from agent.settings import read_settings
from api.auth.sign_in import build_sign_in
from api.running import run
from api.serving import Server
from api.workers import READY
from evals.library import Library
from tools.domain.errors import SettingsError
from tools.sandbox.people import demo_people

WRONG_USAGE = 2


def main() -> None:
    try:
        asyncio.run(_serve(socket.socket(fileno=int(sys.argv[1]))))
    except SettingsError as error:
        typer.secho(f"concierge: {error}", err=True, fg="red")
        sys.exit(WRONG_USAGE)


async def _serve(listener: socket.socket) -> None:
    settings = read_settings()
    await run(
        settings,
        build_sign_in(settings, demo_people()),
        listener,
        Library(settings.home / "evals"),
        on_ready=_tell_supervisor,
        on_server=_stop_with_supervisor,
        one_of_many=True,
    )


def _tell_supervisor() -> None:
    os.write(sys.stdout.fileno(), READY)


def _stop_with_supervisor(server: Server) -> None:
    def gone() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            server.should_exit = True

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), gone)


if __name__ == "__main__":
    main()
