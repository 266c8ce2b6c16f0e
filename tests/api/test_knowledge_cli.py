"""`concierge knowledge` shows what is found, and ends with 1 where something is wrong."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.knowledge_cli import app


@pytest.fixture(scope="module")
def home(indexed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("knowledge") / "home"
    shutil.copytree(indexed_home, home)
    return home


def run(home: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    environment = {"CONCIERGE_HOME": str(home), **settings}
    result = CliRunner().invoke(app, arguments, env=environment, catch_exceptions=False)
    return result.exit_code, result.stdout


def test_an_index_that_is_up_to_date_is_not_built_again(home: Path) -> None:
    run(home, "index")
    code, output = run(home, "index", "--json")
    assert code == 0
    assert json.loads(output)["embedded"] == []


def test_an_index_without_chroma_fails(home: Path) -> None:
    code, _ = run(home, "index", CONCIERGE_CHROMA_URL="http://127.0.0.1:9")
    assert code == 1


def test_clauses_are_found_as_json(home: Path) -> None:
    code, output = run(home, "search", "how big may my cabin bag be", "--on", "2026-06-01", "--limit", "2", "--json")
    result = json.loads(output)
    assert code == 0
    assert result["degraded"] is False
    assert "BAG-CABIN" in [passage["clause_id"] for passage in result["passages"]]


def test_a_question_without_a_clause_is_declined_in_words(home: Path) -> None:
    code, output = run(home, "search", "how do I bake bread")
    assert code == 0
    assert output.startswith("No policy on that")


def test_an_exam_prints_every_method(home: Path, tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").write_text('{"id": "d", "title": "Dogs", "content": "Dogs fly in the cabin."}')
    (tmp_path / "queries.jsonl").write_text('{"id": 1, "query": "dogs", "relevant": ["d"]}\n{"id": 2}')
    code, output = run(home, "exam", str(tmp_path))
    assert code == 0
    assert "naive BM25" in output
    assert "1/1 = 1.000" in output
    assert "unscored: queries.jsonl:2" in output


def test_an_exam_without_a_query_fails(home: Path, tmp_path: Path) -> None:
    (tmp_path / "documents.jsonl").write_text("")
    (tmp_path / "queries.jsonl").write_text("")
    assert run(home, "exam", str(tmp_path))[0] == 1
