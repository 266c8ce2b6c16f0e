import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from agent.settings import Settings
from api.app import create_app
from api.auth.sign_in import SignIn, build_sign_in
from tests.api.fake import ANNA, BEN, PEOPLE, SARA, FakePlatform


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
