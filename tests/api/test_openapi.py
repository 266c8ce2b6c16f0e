"""The OpenAPI document against the real application: whatever is sent, the answer is one it names, and never a 5xx."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agent.bootstrap import Overrides
from knowledge.embeddings import MiniLM
from knowledge.pack import PolicyPack
from tests.api.protected import protected
from tests.identity import IdentityProvider, identity_provider
from tests.soak.figures import keep_figures

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
CALLS = int(os.environ.get("OPENAPI_CALLS", "5000"))
SPEAKERS = ("anonymous", "customer", "staff")
STREAM = "/v1/conversations/{conversation_id}/events"
Operation = APIOperation[Any, Any, Any, Any]
Call = Case[Operation]
ERASING = "/v1/me/conversations"


@dataclass
class World:
    """A server, who may speak to it, and what calls can find there."""

    address: str
    provider: IdentityProvider
    secret: str = ""
    known: dict[str, list[str]] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)

    def bearer(self, speaker: str) -> dict[str, str]:
        realm = {"customer": self.provider.customers, "staff": self.provider.staff}.get(speaker)
        return {"Authorization": f"Bearer {realm.token() if realm else self.secret}"}

    def populate(self) -> None:
        """A conversation with a card, one with a person, a case with options, and an anonymous conversation."""
        with httpx.Client(base_url=self.address, headers=self.bearer("customer"), timeout=30) as customer:
            asked = self._say(customer, "Please cancel my booking K7XQ2P")
            handed = self._say(customer, "I would like to talk to a person")
        case_id = handed["handoff"]["case_id"]
        with httpx.Client(base_url=self.address, headers=self.bearer("staff"), timeout=30) as staff:
            options = staff.post("/v1/resolutions", json={"case_id": case_id}).json()
            staff.post(f"/v1/cases/{case_id}/take")
        opened = httpx.post(f"{self.address}/v1/conversations", json={}).json()
        self.secret = opened["secret"]
        found = {
            "conversation_id": [asked["conversation_id"], handed["conversation_id"], opened["id"]],
            "message_id": [asked["message"]["id"]],
            "proposal_id": [proposal["id"] for proposal in asked["proposals"]],
            "case_id": [case_id],
            "resolution_id": [options["id"]],
            "option_id": [option["id"] for option in options["options"]],
            "clause_id": ["CXL-FLEX", "GOODWILL-CAPS"],
        }
        self.known = {name: [*self.known.get(name, []), *ids] for name, ids in found.items()}

    def _say(self, client: httpx.Client, text: str) -> dict[str, Any]:
        opened = client.post("/v1/conversations", json={}).json()["id"]
        answer: dict[str, Any] = client.post(f"/v1/conversations/{opened}/messages", json={"text": text}).json()
        return answer | {"conversation_id": opened}


@pytest.fixture(scope="module")
def world(
    seeded_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
    embedder: MiniLM,
    pack: PolicyPack,
) -> Iterator[World]:
    assert pytestconfig.cache is not None
    home = tmp_path_factory.mktemp("protected") / "home"
    shutil.copytree(seeded_home, home)
    (home / "intents").symlink_to(pytestconfig.cache.mkdir("intents"))
    with identity_provider() as provider, protected(provider, home, Overrides(embedder=embedder, pack=pack)) as address:
        yield World(address, provider)


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_every_answer_is_one_that_the_document_names(world: World, speaker: str) -> None:
    fuzz(world, speaker, examples=2)


@pytest.mark.soak
def test_thousands_of_calls_meet_no_error_of_ours_and_no_status_that_is_not_documented(world: World) -> None:
    while world.answers.total() < CALLS:
        for speaker in SPEAKERS:
            fuzz(world, speaker, examples=10)
    keep_figures("openapi", {"calls": world.answers.total(), "answers": dict(sorted(world.answers.items()))})


def fuzz(world: World, speaker: str, examples: int) -> None:
    """Each operation of the document, so many times each with data that fits it and with data that does not."""
    world.populate()
    schema = schemathesis.openapi.from_url(f"{world.address}/openapi.json")
    for operation in operations(schema):
        call(world, speaker, operation, GenerationMode.POSITIVE, examples)
        if operation.definition.raw.keys() & {"parameters", "requestBody"}:
            call(world, speaker, operation, GenerationMode.NEGATIVE, examples)


def operations(schema: BaseSchema) -> list[Operation]:
    """What erases the customer's conversations comes last."""
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return sorted(found, key=lambda operation: operation.path == ERASING and operation.method == "delete")


def call(world: World, speaker: str, operation: Operation, mode: GenerationMode, examples: int) -> None:
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        known = data.draw(st.booleans(), label="known")
        bearer = world.bearer(speaker) if speaker != "anonymous" or known else {}
        send(world, acquainted(case, world.known, data) if known else case, bearer)

    with suppress(Unsatisfiable):  # nothing is wrong as an id in a path
        one()


def acquainted(case: Call, known: dict[str, list[str]], data: st.DataObject) -> Call:
    """With ids of things that are there."""
    for held in (case.path_parameters, case.body):
        if isinstance(held, dict):
            held.update({name: data.draw(st.sampled_from(known[name])) for name in sorted(known.keys() & held.keys())})
    return case


def send(world: World, case: Call, bearer: dict[str, str]) -> None:
    asked = case.as_transport_kwargs(base_url=world.address, headers=bearer)
    with requests.request(**asked, stream=case.operation.path == STREAM, timeout=30) as answer:
        world.answers[answer.status_code] += 1
        assert answer.status_code < 500
        if case.operation.path == STREAM:
            assert str(answer.status_code) in case.operation.definition.raw["responses"]
        else:
            case.validate_response(answer, checks=CHECKS)
