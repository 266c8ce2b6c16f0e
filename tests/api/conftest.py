import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from agent.bootstrap import Overrides, Platform, build
from agent.settings import Settings
from api.app import create_app
from api.auth.sign_in import SignIn, build_sign_in
from api.cli import main
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.api.fake import ANNA, BEN, PEOPLE, SARA, FakePlatform
from tools.sandbox.people import demo_people


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
async def sign_in(tmp_path: Path) -> AsyncIterator[SignIn]:
    settings = Settings(home=tmp_path)
    built = build_sign_in(settings, PEOPLE)
    yield built
    await built.close()


@pytest.fixture
def app(platform: FakePlatform, sign_in: SignIn) -> FastAPI:
    return create_app(platform, sign_in)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client


def _bearer(sign_in: SignIn, subject: str) -> dict[str, str]:
    assert sign_in.development is not None
    return {"Authorization": f"Bearer {sign_in.development.token(subject)}"}


@pytest.fixture
def anna(sign_in: SignIn) -> dict[str, str]:
    return _bearer(sign_in, ANNA.id)


@pytest.fixture
def ben(sign_in: SignIn) -> dict[str, str]:
    return _bearer(sign_in, BEN.id)


@pytest.fixture
def sara(sign_in: SignIn) -> dict[str, str]:
    return _bearer(sign_in, SARA.id)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application over a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = uvicorn.Server(uvicorn.Config(app, log_config=None, server_header=False, lifespan="off"))
        serving = asyncio.create_task(running.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        await serving


@pytest.fixture
async def server(app: FastAPI) -> AsyncIterator[str]:
    async with served(app) as address:
        yield address


@pytest.fixture
def lived_in(home: Path, pytestconfig: pytest.Config) -> Path:
    """A home as a second start finds it: the embedded model's example vectors are kept between runs of the tests."""
    assert pytestconfig.cache is not None
    (home / "intents").symlink_to(pytestconfig.cache.mkdir("intents"))
    return home


@pytest.fixture
async def real(lived_in: Path, embedder: MiniLM, pack: PolicyPack) -> AsyncIterator[Platform]:
    """Real parts: embedded airline, model and stores. The clock is the real one: a browser compares with its own."""
    settings = Settings(home=lived_in, sandbox_size="demo")
    async with build(settings, Overrides(embedder=embedder, pack=pack)) as platform:
        yield platform


@pytest.fixture
async def address(real: Platform, home: Path) -> AsyncIterator[str]:
    sign_in = build_sign_in(Settings(home=home), demo_people())
    async with served(create_app(real, sign_in)) as url:
        yield url
    await sign_in.close()


@asynccontextmanager
async def signed_in(address: str, subject: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address) as client:
        token = (await client.post("/dev/token", json={"subject": subject})).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def concierge(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """The command in this process, with settings by name: concierge("token", "C000001", home="...")."""
    monkeypatch.setenv("CONCIERGE_HOME", str(tmp_path))

    def run(*arguments: str, **settings: str) -> Ran:
        for name, value in settings.items():
            monkeypatch.setenv(f"CONCIERGE_{name.upper()}", value)
        monkeypatch.setattr(sys, "argv", ["concierge", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        return Ran(int(stopped.value.code or 0), captured.out, captured.err)

    return run
