"""The real application as production has it: sign-in at an identity provider, real parts, a real socket."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from agent.bootstrap import Overrides, build
from agent.settings import Settings
from api.app import create_app
from api.auth.sign_in import build_sign_in
from api.limits import Limits
from api.reports import Evals
from api.tickets import Tickets
from evals.library import Library
from tests.identity import IdentityProvider
from tests.threads import served_in_thread

_UNHURRIED = Limits(person=1_000_000, address=1_000_000, conversation=1_000_000)


@contextmanager
def protected(provider: IdentityProvider, home: Path, overrides: Overrides) -> Iterator[str]:
    """Its address."""
    settings = Settings(home=home, sandbox_size="demo")

    @asynccontextmanager
    async def make(_: str) -> AsyncIterator[ASGIApp]:
        sign_in = build_sign_in(Settings(home=home, env="production", **provider.settings()))
        evals = Evals(library=Library(home / "evals"), tickets=Tickets(home / "tickets"))
        async with build(settings, overrides) as platform:
            yield create_app(platform, sign_in, limits=_UNHURRIED, shown_evals=evals)
        await sign_in.close()

    with served_in_thread(make) as address:
        yield address
