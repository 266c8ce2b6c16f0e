"""Who is believed: real keys and signatures, an identity provider without a socket. Forgeries: test_forgeries.py."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.settings import Settings
from api.auth.errors import SignInRefused, SignInUnavailable
from api.auth.keys import RemoteKeys
from api.auth.sign_in import SignIn, build_sign_in
from tests.api.fake import ANNA, PEOPLE, SARA
from tests.identity import CUSTOMERS_PATH, IdentityProvider
from tools.domain.errors import SettingsError

OKTA = f"https://id.gamma.example{CUSTOMERS_PATH}"


@dataclass
class Providers:
    identity: IdentityProvider
    client: httpx.AsyncClient
    sign_in: SignIn


@pytest.fixture
async def providers(tmp_path: Path) -> AsyncIterator[Providers]:
    provider = IdentityProvider.at("https://id.gamma.example", "https://login.microsoftonline.com")
    settings = Settings(
        env="production",
        home=tmp_path,
        host="0.0.0.0",  # noqa: S104 - what a container binds
        booking_url="https://booking.gamma.example",
        **provider.settings(),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(provider)) as client:
        yield Providers(provider, client, build_sign_in(settings, client=client))


async def refused(sign_in: SignIn, token: str) -> str:
    with pytest.raises(SignInRefused) as caught:
        await sign_in.speaker(f"Bearer {token}", "")
    assert token not in str(caught.value)
    return str(caught.value)


async def test_a_customer_of_okta_is_known_by_the_customer_claim(providers: Providers) -> None:
    speaker = await providers.sign_in.speaker(f"Bearer {providers.identity.customers.token()}", "203.0.113.9")
    assert (speaker.kind, speaker.subject, speaker.customer_id) == ("customer", "ada@example.com", "C000001")
    assert (speaker.roles, speaker.address) == (frozenset(), "203.0.113.9")


async def test_staff_of_entra_are_known_by_object_id_and_app_roles(providers: Providers) -> None:
    speaker = await providers.sign_in.speaker(f"bearer {providers.identity.staff.token()}", "")
    assert (speaker.kind, speaker.subject, speaker.roles) == ("staff", "oid-1", frozenset({"agent"}))
    assert speaker.customer_id is None


async def test_roles_in_a_customers_token_count_for_nothing(providers: Providers) -> None:
    token = providers.identity.customers.token(roles=["Concierge.Supervisor"], oid="oid-1")
    assert (await providers.sign_in.speaker(f"Bearer {token}", "")).roles == frozenset()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _keys(providers: Providers, clock: Clock) -> RemoteKeys:
    return RemoteKeys(providers.client, OKTA, clock=clock)


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer short", "x" * 43, "Bearer " + "ä" * 43])
async def test_an_unreadable_authorization_header_is_refused(providers: Providers, header: str) -> None:
    with pytest.raises(SignInRefused):
        await providers.sign_in.speaker(header, "")


async def test_a_rotated_key_is_followed_and_the_old_one_no_longer_believed(providers: Providers) -> None:
    clock = Clock()
    keys = _keys(providers, clock)
    await keys.key("rsa-1")
    providers.identity.customers.rotate("rsa-2")
    clock.now += 60
    assert (await keys.key("rsa-2")).key_id == "rsa-2"
    with pytest.raises(SignInRefused):
        await keys.key("rsa-1")


async def test_invented_key_ids_are_not_passed_on_to_the_provider(providers: Providers) -> None:
    keys = _keys(providers, Clock())
    for number in range(50):
        with pytest.raises(SignInRefused):
            await keys.key(f"invented-{number}")
    assert providers.identity.customers.reads == 1


async def test_known_keys_serve_for_a_day_while_the_provider_is_down(providers: Providers) -> None:
    clock = Clock()
    keys = _keys(providers, clock)
    await keys.key("rsa-1")
    providers.identity.customers.down = True
    clock.now += 23 * 3600
    assert (await keys.key("rsa-1")).key_id == "rsa-1"
    clock.now += 2 * 3600
    with pytest.raises(SignInUnavailable):
        await keys.key("rsa-1")


async def test_a_provider_that_was_never_reached_is_told_apart_from_a_bad_token(providers: Providers) -> None:
    providers.identity.customers.down = True
    with pytest.raises(SignInUnavailable):
        await providers.sign_in.speaker(f"Bearer {providers.identity.customers.token()}", "")


async def test_a_discovery_document_of_another_issuer_is_not_believed(providers: Providers) -> None:
    token = providers.identity.customers.token()
    providers.identity.customers.issuer = "https://evil.example"
    with pytest.raises(SignInUnavailable):
        await providers.sign_in.speaker(f"Bearer {token}", "")


async def test_demo_people_get_real_tokens_of_their_own_kind(sign_in: SignIn) -> None:
    assert sign_in.development is not None
    anna = await sign_in.speaker(f"Bearer {sign_in.development.token(ANNA.id)}", "")
    sara = await sign_in.speaker(f"Bearer {sign_in.development.token(SARA.id)}", "")
    assert (anna.kind, anna.customer_id, anna.name) == ("customer", ANNA.id, ANNA.name)
    assert (sara.kind, sara.roles) == ("staff", frozenset({"agent"}))
    assert sign_in.development.token("nobody") is None


async def test_the_development_key_is_private_and_stays_with_its_home(tmp_path: Path) -> None:
    settings = Settings(env="development", home=tmp_path, host="localhost")
    first, again = build_sign_in(settings, PEOPLE), build_sign_in(settings, PEOPLE)
    file = tmp_path / "development-signing-key.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.development is not None
    await again.speaker(f"Bearer {first.development.token(ANNA.id)}", "")
    file.chmod(0o644)
    await refused(build_sign_in(settings, PEOPLE), str(first.development.token(ANNA.id)))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"env": "production"}, "CONCIERGE_ENV is 'production'"),
        ({"host": "0.0.0.0"}, "listens on 0.0.0.0"),  # noqa: S104 - refused
        ({"profile_url": "https://profile.gamma.example"}, "not the embedded airline"),
        ({"okta_issuer": OKTA}, "CONCIERGE_OKTA_AUDIENCE is missing"),
        ({"okta_audience": "a"}, "CONCIERGE_OKTA_ISSUER is missing"),
        ({"entra_tenant": "common", "entra_audience": "a"}, "CONCIERGE_ENTRA_TENANT must be"),
        ({"okta_issuer": "http://127.0.0.1.evil.example", "okta_audience": "a"}, "must be an https address"),
    ],
)
def test_without_a_trustworthy_sign_in_the_start_is_refused(
    tmp_path: Path, changed: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        build_sign_in(Settings(home=tmp_path, **changed), PEOPLE)
