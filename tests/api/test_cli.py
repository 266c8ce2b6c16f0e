"""The `concierge` command: what stops it stops it with one line, and it starts at once."""

import json
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from agent.settings import Settings
from api.auth.sign_in import build_sign_in
from api.chat_cli import Talk
from api.cli import PARTS
from api.terminal import Screen
from tests.api.conftest import Command
from tests.api.fake import FakeConcierge
from tools.context import Speaker
from tools.sandbox.people import ADA, demo_people


def test_help_lists_every_part_without_loading_any() -> None:
    program = (
        "import sys\nfrom api.cli import main\nsys.argv = ['concierge', '--help']\n"
        "try:\n    main()\nfinally:\n    print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    for name, part in PARTS.items():
        if Path(part.module.replace(".", "/")).with_suffix(".py").exists():
            assert f" {name} " in done.stdout
    loaded = done.stdout.splitlines()[-1]
    for heavy in ("langchain", "fastapi", "httpx", "chromadb", "numpy", "sqlalchemy", "cel_expr_python"):
        assert f"'{heavy}'" not in loaded


def test_an_unknown_command_is_wrong_usage(concierge: Command) -> None:
    assert concierge("nonsense").code == 2
    assert concierge("serve", "--port", "70000").code == 2


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"port": "many"}, "CONCIERGE_PORT: "),
        ({"policies": "/nonexistent"}, "policy pack: "),
        ({"env": "production"}, "CONCIERGE_ENV is 'production'"),
        ({"host": "0.0.0.0"}, "not on the loopback address"),  # noqa: S104 - refused
        ({"okta_issuer": "https://id.gamma.example"}, "CONCIERGE_OKTA_AUDIENCE is missing"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(concierge: Command, settings: dict[str, str], line: str) -> None:
    ran = concierge("serve", **({"port": "0"} | settings))
    assert ran.code == 2
    assert line in ran.err
    assert ran.err.startswith("concierge: ")
    assert ran.err.count("\n") == 1


def test_a_taken_port_stops_the_start_with_one_line(concierge: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = concierge("serve", "--port", str(port))
    assert ran.code == 1
    assert ran.err == (
        f"concierge: Port {port} on 127.0.0.1 is taken. Stop what runs there, or choose another with --port.\n"
    )


def test_a_corrupt_clause_stops_the_start_and_is_named(concierge: Command, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "BAD.v1.md").write_text("no front matter")
    ran = concierge("serve", port="0", policies=str(pack))
    assert ran.code == 2
    assert "BAD.v1.md:1:1" in ran.err


async def test_a_token_of_the_command_is_believed_by_the_server_of_the_same_home(
    concierge: Command, tmp_path: Path
) -> None:
    ran = concierge("token", "C000001", "--json")
    token = json.loads(ran.out)["access_token"]
    sign_in = build_sign_in(Settings(home=tmp_path), demo_people())
    assert (await sign_in.speaker(f"Bearer {token}", "")).customer_id == "C000001"
    await sign_in.close()
    unknown = concierge("token", "nobody")
    assert unknown.code == 1
    assert "C000001" in unknown.err


def test_the_database_is_brought_up_to_date_more_than_once(concierge: Command) -> None:
    assert concierge("db", "upgrade").code == 0
    assert concierge("db", "upgrade").code == 0


def test_doctor_names_what_is_wrong_and_how_to_mend_it(concierge: Command) -> None:
    ran = concierge("doctor", "--json", policies="/nonexistent", env="production")
    assert ran.code == 1
    failed = {f["subject"]: f for f in json.loads(ran.out)["findings"] if f["state"] == "failed"}
    assert failed.keys() == {"sign-in", "policies", "services"}
    assert all(finding["remedy"] for finding in failed.values())


def test_the_whole_story_in_the_terminal(concierge: Command, lived_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("How many cabin bags may I take?", "Please cancel my booking", "no", "Please cancel my booking")
    monkeypatch.setattr(
        sys, "stdin", StringIO("\n".join((*lines, f"cancel {ADA.locator}", "Which bookings do I have?")))
    )
    ran = concierge("chat", "--as", str(ADA.customer_id), "--json", home=str(lived_in), sandbox_size="demo")
    assert ran.code == 0
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer["outcome"]["kind"] for answer in answers][:2] == ["answered", "proposed"]
    assert answers[0]["message"]["citations"]
    cards = [[card["status"] for card in answer["proposals"]] for answer in answers]
    assert cards == [[], ["pending"], ["declined"], ["pending"], ["executed"], []]
    assert "cancelled" in answers[5]["message"]["text"]


def _talk(monkeypatch: pytest.MonkeyPatch, *lines: str, as_json: bool = False) -> tuple[Talk, StringIO]:
    monkeypatch.setattr(sys, "stdin", StringIO("\n".join(lines)))
    written = StringIO()
    screen = Screen(Console(file=written, width=100))
    return Talk(FakeConcierge(), Speaker(kind="anonymous"), screen, as_json=as_json), written


async def test_piped_lines_are_answered_with_citation_and_card(monkeypatch: pytest.MonkeyPatch) -> None:
    talk, written = _talk(monkeypatch, "How many cabin bags?", "", "Please cancel my booking")
    assert await talk.until_the_end()
    shown = written.getvalue()
    assert "You may take one cabin bag of up to 8 kg" in shown
    assert "§ Cabin baggage (BAG-CABIN, version 2)" in shown
    assert "249.90 EUR" in shown
    assert 'Type "cancel K7XQ2P" to confirm or "no" to decline' in shown


async def test_json_output_is_one_answer_a_line_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk, written = _talk(monkeypatch, "bags?", "cancel K7XQ2P", as_json=True)
    await talk.until_the_end()
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["outcome"]["kind"] for answer in answers] == ["answered", "proposed"]
    assert all("secret" not in answer for answer in answers)
    assert written.getvalue() == ""


async def test_control_sequences_and_markup_do_not_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    talk, written = _talk(monkeypatch, "echo \x1b[2J[bold red]hello[/bold red]")
    await talk.until_the_end()
    assert "\x1b[2J" not in written.getvalue()
    assert "[bold red]hello[/bold red]" in written.getvalue()
