"""The development sign-in: mounted only when its issuer runs, and deaf to pages from elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, Field
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.auth.development import LOOPBACK, DevelopmentIssuer
from api.openapi import may_answer
from api.routes.speaking import platform_of
from api.routes.words import Body


def _require_loopback(request: Request) -> None:
    """A host name that merely resolves to this machine (DNS rebinding) gets nothing."""
    if (request.url.hostname or "") not in LOOPBACK:
        raise HTTPException(403, "The development sign-in answers on the loopback address only.")


def _issuer(request: Request) -> DevelopmentIssuer:
    _require_loopback(request)
    issuer: DevelopmentIssuer = request.app.state.sign_in.development
    return issuer


Issuer = Annotated[DevelopmentIssuer, Depends(_issuer)]
router = APIRouter(prefix="/dev", tags=["development"], responses=may_answer(403))


class ShownPerson(BaseModel):
    subject: str
    name: str
    role: str
    story: str
    record_locator: str | None


class WhoTo(Body):
    subject: Annotated[str, Field(min_length=1, max_length=100)]


class AccessToken(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the type's name
    name: str
    role: str


@router.get("/people")
async def list_people(issuer: Issuer) -> tuple[ShownPerson, ...]:
    return tuple(
        ShownPerson(subject=p.id, name=p.name, role=p.role, story=p.story, record_locator=p.record_locator)
        for p in issuer.people.values()
    )


@router.post("/token", responses=may_answer(404))
async def issue_token(issuer: Issuer, who: WhoTo) -> AccessToken:
    """A real access token for a demo person, for twelve hours."""
    token = issuer.token(who.subject)
    if token is None:
        raise HTTPException(404, "Nobody of that name is among the demo people; GET /dev/people lists them.")
    person = issuer.people[who.subject]
    return AccessToken(access_token=token, name=person.name, role=person.role)


def show_airline(app: FastAPI) -> None:
    """The embedded airline's own page: its people, their journeys, and the messages and codes they were sent."""
    app.router.routes.append(Route("/dev/airline", _AirlinePage(), include_in_schema=False))
    app.mount("/sandbox", _AirlinePage())


class _AirlinePage:
    """Passes on the page and what it is made of; the airline's services stay behind the agent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        _require_loopback(request)
        airline = (await platform_of(request)).sandbox
        if airline is None:
            raise HTTPException(404)
        path = scope["path"] if scope["path"].startswith("/sandbox/") else "/"
        await airline({**scope, "path": path, "raw_path": path.encode(), "root_path": ""}, receive, send)
