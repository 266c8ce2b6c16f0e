"""Where people sign in, and who they are once they have."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.auth.clients import PageClient
from api.auth.sign_in import SignIn
from api.openapi import SPEAKING
from api.routes.speaking import SignedIn
from tools.context import Role, Speaker

router = APIRouter(prefix="/v1", tags=["sign-in"])
_HIGHEST_FIRST: tuple[Role, ...] = ("supervisor", "agent", "evaluator")


class ShownClient(BaseModel):
    """For the authorization code flow with PKCE; `issuer` is where discovery starts."""

    issuer: str
    client_id: str
    scope: str


class ShownSignIn(BaseModel):
    """Null: this kind of people has no sign-in at our own pages."""

    customers: ShownClient | None
    staff: ShownClient | None


class Me(BaseModel):
    """`role`: the highest one that was assigned."""

    subject: str
    name: str
    role: Literal["customer", "agent", "supervisor", "evaluator"]


@router.get("/sign-in")
async def show_sign_in(request: Request) -> ShownSignIn:
    sign_in: SignIn = request.app.state.sign_in
    return ShownSignIn(customers=_shown(sign_in.pages.customers), staff=_shown(sign_in.pages.staff))


@router.get("/me", responses=SPEAKING)
async def who_am_i(speaker: SignedIn) -> Me:
    """What the access token proved. A page reads it here, never off the token."""
    return Me(subject=str(speaker.subject), name=speaker.name, role=_role(speaker))


def _shown(client: PageClient | None) -> ShownClient | None:
    if client is None:
        return None
    return ShownClient(issuer=client.issuer, client_id=client.client_id, scope=client.scope)


def _role(speaker: Speaker) -> Literal["customer", "agent", "supervisor", "evaluator"]:
    return "customer" if speaker.kind == "customer" else next(r for r in _HIGHEST_FIRST if r in speaker.roles)
