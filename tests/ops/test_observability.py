"""One trace from HTTP to the service and the event, metrics and logs; none of them with a person in it."""

import asyncio
import json
import re
import shutil
import time
from pathlib import Path

import httpx
import pytest

from agent.telemetry.redaction import redact
from tests.ops.collector import Collector, collecting
from tests.ops.serving import ready, serving
from tools.sandbox.people import ADA

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
WORDS = "Please cancel my booking"
NOBODYS = (ADA.locator, str(ADA.customer_id), ADA.surname, ADA.email, WORDS)


async def test_one_trace_shows_a_turn_and_its_confirmation_without_personal_data(lived_home: Path) -> None:
    with collecting() as collector:
        async with serving(lived_home, otlp_endpoint=collector.address, log_format="json") as server:
            exposed = await cancel(server.address)
        check_traces(collector)
        assert {"concierge.operation.duration"} <= collector.metrics()
        sent = b"".join(body for _, body in collector.bodies).decode("utf-8", "replace")
        for name in NOBODYS:
            assert name not in sent
            assert name not in exposed
        lines = [json.loads(line) for line in server.output.read_text().splitlines() if line.startswith("{")]
        assert any(line["logger"] == "concierge.turn" and line["trace_id"] == CALLER for line in lines)
    assert 'operation="turn",outcome="proposed"' in exposed
    calls = re.search(r"^concierge_turn_model_calls_total\{[^}]*\} (\d+)$", exposed, re.MULTILINE)
    assert calls is not None
    assert int(calls[1]) >= 2
    assert "concierge_turn_first_sentence_seconds_count" in exposed


async def cancel(address: str) -> str:
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as http:
        await ready(http)
        token = (await http.post("/dev/token", json={"subject": str(ADA.customer_id)})).json()["access_token"]
        http.headers.update({"Authorization": f"Bearer {token}"})
        opened = (await http.post("/v1/conversations")).json()["id"]
        trace = {"traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}
        path = f"/v1/conversations/{opened}/messages"
        answer = (await http.post(path, json={"text": WORDS}, headers=trace)).json()
        if not answer["proposals"]:
            answer = (await http.post(path, json={"text": ADA.locator}, headers=trace)).json()
        done = await http.post(f"/v1/proposals/{answer['proposals'][0]['id']}/confirm", headers=trace)
        assert done.status_code == 200
        return await told(http)


async def told(http: httpx.AsyncClient) -> str:
    """The figures, when every event has been told to the landscape."""
    until = time.monotonic() + 60
    while True:
        shown = (await http.get("/metrics")).text
        if time.monotonic() > until or re.search(r"^concierge_outbox_waiting\S* 0(\.0)?$", shown, re.MULTILINE):
            return shown
        await asyncio.sleep(0.1)


def check_traces(collector: Collector) -> None:
    mine = [span for span in collector.spans() if span.trace_id.hex() == CALLER]
    names = {span.name for span in mine}
    assert {
        "POST /v1/conversations/{conversation_id}/messages",
        "turn",
        "chat embedded",
        "execute_tool cancel_booking",
        "policy decide",
        "GET booking",
        "POST /v1/proposals/{proposal_id}/confirm",
        "proposal confirm",
        "POST booking",
        "publish",
    } <= names
    by_id = {span.span_id: span for span in mine}
    chat = next(span for span in mine if span.name == "chat embedded")
    above = []
    while chat.parent_span_id in by_id:
        chat = by_id[chat.parent_span_id]
        above.append(chat.name)
    assert above[-2:] == ["turn", "POST /v1/conversations/{conversation_id}/messages"]


@pytest.mark.parametrize(
    "text",
    [
        "ada.lovelace@example.com",
        "+43 660 1234567",
        "0043/660/1234567",
        "4111 1111 1111 1111",
        "4111111111111111",
        "AT61 1904 3002 3457 3201",
        "DE89370400440532013000",
        "K7XQ2P",
        "C000001",
        "P1234567",
        "AB1234567",
        "1990-04-23",
        "23.04.1990",
        "203.0.113.7",
        "2001:db8:85a3:8d3:1319:8a2e:370:7348",
        "471101",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
        "Bearer abc123def",
        "password=hunter2",
        "api_key: sk-verysecret",
        ["postgresql+asyncpg:", "user:pa55@db/x"][1].split("@", maxsplit=1)[0],
        "Jt5pCw9xRk2mVn8qLs4yBd7zFg3hTj6uWe1aXo0iPbQ",
    ],
)
def test_no_line_of_a_log_shows_this(text: str) -> None:
    shown = f"postgresql://{text}@db/x" if text == "user:pa55" else f"seen {text} here"
    assert text not in redact(shown)


@pytest.mark.parametrize("text", ["turn failed", "rung azure:gpt-4o timed_out", "took 1500 ms", "clause CXL-24H v3"])
def test_what_operations_need_stays(text: str) -> None:
    assert redact(text) == text


def test_the_exposition_is_of_the_format(prom_text: str) -> None:
    line = re.compile(r'[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? [0-9.e+-]+|# TYPE [a-z_]+ (histogram|counter|gauge)')
    assert all(line.fullmatch(each) for each in prom_text.splitlines())
    assert (
        'concierge_operation_duration_seconds_bucket{process="1",operation="turn",outcome="answered",le="+Inf"} 1'
        in prom_text
    )
    assert 'concierge_model_tokens_total{process="1",kind="input",model="m"} 7' in prom_text
    assert 'concierge_turn_price_micros_total{process="1"} 12' in prom_text
    assert 'concierge_turn_first_sentence_seconds_bucket{process="1",le="0.05"} 1' in prom_text


@pytest.fixture
def prom_text() -> str:
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    from agent.telemetry.export import Measured  # noqa: PLC0415
    from agent.telemetry.exposition import expose  # noqa: PLC0415

    reader = InMemoryMetricReader()
    meters, tracers = MeterProvider(metric_readers=[reader]), TracerProvider()
    tracers.add_span_processor(Measured(meters))
    tracer = tracers.get_tracer("test")
    told_of_turn: dict[str, str | int] = {
        "concierge.outcome": "answered",
        "concierge.price_micros": 12,
        "concierge.first_sentence_ms": 40,
    }
    with tracer.start_as_current_span("turn", attributes=told_of_turn):
        told: dict[str, str | int] = {"gen_ai.usage.input_tokens": 7, "gen_ai.request.model": "m"}
        with tracer.start_as_current_span("chat m", attributes=told):
            pass
    return expose(reader, {"concierge_turns_waiting": 2.0}, {"process": "1"})


@pytest.fixture
def lived_home(indexed_home: Path, tmp_path: Path, pytestconfig: pytest.Config) -> Path:
    """The server makes the airline in it, by the real clock."""
    home = tmp_path / "home"
    shutil.copytree(indexed_home, home)
    (home / "intents").symlink_to(pytestconfig.cache.mkdir("intents"))
    return home
