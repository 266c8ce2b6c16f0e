"""Turns beside the yardstick, in one run: `python -m evals.bench_turns [--rounds N] [--turns N]` prints JSON.

Servers, model and load are processes of their own on this machine. Both sides are measured in turn, again and again,
and compared round by round, for a machine is never twice as fast as it was. Needs the yardstick of ../shared/bench.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

YARDSTICK = Path(os.environ.get("CONCIERGE_YARDSTICK", "../shared/bench")).absolute()
BUDGETS = {
    "turns_per_s_ratio": (">=", 2.5),
    "turn_60_over_turn_5": ("<=", 1.3),
    "first_sentence_share_of_stream": ("<=", 0.5),
    "embedded_turn_ms": ("<=", 40.0),
    "serve_live_s": ("<=", 1.5),
    "first_answer_s": ("<=", 6.0),
    "help_s": ("<=", 0.6),
    "resident_mib": ("<=", 400.0),
}
QUESTION = "How many cabin bags may I bring?"
CONVERSATIONS = 16
LONG_CONVERSATIONS, LONG_TURNS = 4, 62
TOKEN_MS = 20
WORDS = 42


@dataclass(frozen=True, kw_only=True)
class Server:
    url: str
    pid: int
    live_s: float

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(rounds: int, turns: int) -> dict[str, Any]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = stack.enter_context(_model(0))
        slow = stack.enter_context(_model(TOKEN_MS))
        yardstick = stack.enter_context(_yardstick(model))
        with _concierge(home / "a", "openai:mock", model) as ours:
            first_answer = _first_answer(ours)
            found = _side_by_side(yardstick, ours, rounds, turns)
            found["resident_mib"] = round(ours.resident_mib(), 1)
            found["serve_live_s"], found["first_answer_s"] = round(ours.live_s, 2), round(first_answer, 2)
        with _concierge(home / "a", "openai:mock", slow) as streaming:
            found["first_sentence_share_of_stream"] = round(_first_sentence(streaming), 3)
        with _concierge(home / "a", "embedded", model) as embedded:
            found["embedded_turn_ms"] = _load("concierge", embedded, 1, 40)["p50_ms"]
    found["help_s"] = round(min(_timed_help() for _ in range(3)), 2)
    return found | {"kept": {name: _kept(found[name], *BUDGETS[name]) for name in BUDGETS}}


def _side_by_side(yardstick: Server, ours: Server, rounds: int, turns: int) -> dict[str, Any]:
    """The medians of both, and the median of the ratios of each round."""
    both: dict[str, list[dict[str, float]]] = {"yardstick": [], "concierge": []}
    for _ in range(rounds):
        for kind, server in (("yardstick", yardstick), ("concierge", ours)):
            before = server.cpu_s()
            seen = _load(kind, server, CONVERSATIONS, turns)
            seen["cpu_ms_per_turn"] = round((server.cpu_s() - before) * 1000 / (seen["turns"] + 4), 1)
            both[kind].append(seen)
    grown = {
        kind: _load(kind, server, LONG_CONVERSATIONS, LONG_TURNS)
        for kind, server in (("yardstick", yardstick), ("concierge", ours))
    }
    pairs = list(zip(both["concierge"], both["yardstick"], strict=True))
    names = ("turns_per_s", "p50_ms", "p95_ms", "first_ms", "cpu_ms_per_turn")
    return {
        "conversations": CONVERSATIONS,
        "rounds": rounds,
        **{kind: {name: round(median(r[name] for r in rows), 1) for name in names} for kind, rows in both.items()},
        "turns_per_s_ratio": round(median(a["turns_per_s"] / b["turns_per_s"] for a, b in pairs), 2),
        "cpu_ratio": round(median(b["cpu_ms_per_turn"] / a["cpu_ms_per_turn"] for a, b in pairs), 2),
        "turn_60_over_turn_5": _growth(grown["concierge"]),
        "yardstick_turn_60_over_turn_5": _growth(grown["yardstick"]),
    }


def _growth(seen: Mapping[str, float]) -> float:
    return round(seen["t60_ms"] / seen["t5_ms"], 2)


def _load(kind: str, server: Server, conversations: int, turns: int) -> dict[str, Any]:
    command = [sys.executable, str(YARDSTICK / "load.py"), kind, server.url, str(conversations), str(turns)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 the yardstick's own load
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _first_sentence(server: Server, turns: int = 9) -> float:
    """When the first sentence came, as a share of the time the model streams its answer."""
    return median(_first_sentence_s(server) for _ in range(turns)) / (WORDS * TOKEN_MS / 1000)


def _first_sentence_s(server: Server) -> float:
    """Seconds from the last tool's outcome to the first sentence on the wire."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        path, headers = _opened(client)
        began = time.perf_counter()
        with client.stream("POST", path, json={"text": QUESTION}, headers=headers) as answer:
            for line in answer.iter_lines():
                if line == "event: tool":
                    began = time.perf_counter()
                if line == "event: sentence":
                    return time.perf_counter() - began
    raise SystemExit("no sentence came")


def _first_answer(server: Server) -> float:
    """Seconds from the start of the process to its first whole answer."""
    began = time.perf_counter()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        while client.get("/readyz").status_code != httpx.codes.OK:
            time.sleep(0.05)
        path, headers = _opened(client)
        client.post(path, json={"text": QUESTION}, headers=headers).raise_for_status()
    return server.live_s + time.perf_counter() - began


def _opened(client: httpx.Client) -> tuple[str, dict[str, str]]:
    body = client.post("/v1/conversations", json={}).raise_for_status().json()
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {body['secret']}"}
    return f"/v1/conversations/{body['id']}/messages", headers


def _timed_help() -> float:
    began = time.perf_counter()
    subprocess.run([_command(), "--help"], capture_output=True, check=True)  # noqa: S603 our own command
    return time.perf_counter() - began


@contextmanager
def _model(token_ms: int) -> Iterator[Server]:
    port = _free_port()
    options = ["--port", str(port), "--token-ms", str(token_ms), "--words", str(WORDS)]
    with _started([sys.executable, str(YARDSTICK / "mock_openai.py"), *options], port, "/v1/models") as server:
        yield server


@contextmanager
def _yardstick(model: Server) -> Iterator[Server]:
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "yardstick_app:app", "--port", str(port), "--log-level", "warning"]
    settings = {"OPENAI_BASE_URL": f"{model.url}/v1", "PYTHONPATH": str(YARDSTICK), "PYTHONDONTWRITEBYTECODE": "1"}
    with _started(command, port, "/openapi.json", settings) as server:
        yield server


@contextmanager
def _concierge(home: Path, name: str, model: Server) -> Iterator[Server]:
    port = _free_port()
    settings = {
        "CONCIERGE_HOME": str(home),
        "CONCIERGE_MODEL": name,
        "OPENAI_BASE_URL": f"{model.url}/v1",
        "OPENAI_API_KEY": "x",
    }
    with _started([_command(), "serve", "--port", str(port)], port, "/healthz", settings) as server:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            while client.get("/readyz").status_code != httpx.codes.OK:
                time.sleep(0.05)
        yield server


@contextmanager
def _started(
    command: Sequence[str], port: int, probe: str, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 our own servers
        command, env={**os.environ, **(settings or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url + probe):
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
            time.sleep(0.02)
        yield Server(url=url, pid=process.pid, live_s=time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _command() -> str:
    return str(Path(sys.executable).parent / "concierge")


def _kept(value: float, sense: str, budget: float) -> bool:
    return value >= budget if sense == ">=" else value <= budget


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=6, help="turns of each of the sixteen conversations")
    given = parser.parse_args()
    if not (YARDSTICK / "load.py").exists():
        print(json.dumps({"skipped": f"no yardstick in {YARDSTICK.name}; set CONCIERGE_YARDSTICK to its folder"}))
        return 0
    print(json.dumps(measure(given.rounds, given.turns), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
