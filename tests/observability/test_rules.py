"""Rules and dashboard say what Prometheus understands, about metrics that there are, and each alert can fire."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.observability.exposed import GUIDE, documented

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
RULE_TESTS = DEPLOY / "prometheus" / "rules_test.yml"
DASHBOARD = DEPLOY / "grafana" / "luxewin.json"
METRIC = re.compile(r"\bluxewin_\w+")
RECORDED = re.compile(r"\bluxewin:[\w:]+")
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")


def run(program: str, *arguments: str | Path) -> str:
    """Run one of Prometheus' own tools, which must find nothing wrong, and return what it says."""
    if shutil.which(program) is None:
        missing = f"{program} is missing: apt-get install prometheus prometheus-alertmanager"
        assert "CI" not in os.environ, missing
        pytest.skip(missing)
    ran = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def dashboard_queries() -> list[str]:
    """Return every query of the dashboard."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def alerts() -> set[str]:
    """Return the name of every alert."""
    return set(re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8")))


def test_prometheus_understands_its_rules_and_its_configuration() -> None:
    assert "34 rules found" in run("promtool", "check", "rules", RULES)
    run("promtool", "check", "config", RULES.with_name("prometheus.yml"))
    run("amtool", "check-config", RULES.with_name("alertmanager.yml"))


def test_each_alert_fires_when_it_must_and_not_before() -> None:
    run("promtool", "test", "rules", RULE_TESTS)
    tested = set(re.findall(r'alertname="(\w+)"', RULE_TESTS.read_text(encoding="utf-8")))
    assert alerts() - tested == set()


def test_prometheus_understands_every_query_of_the_dashboard(tmp_path: Path) -> None:
    queries = [query.replace("$__rate_interval", "5m") for query in dashboard_queries()]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert f"{len(queries)} rules found" in run("promtool", "check", "rules", tmp_path / "rules.json")


@pytest.mark.parametrize("source", [RULES, RULE_TESTS, DASHBOARD], ids=lambda path: path.name)
def test_every_metric_that_is_named_is_documented(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    named = {name if name in documented() else SUFFIX.sub("", name) for name in METRIC.findall(text)}
    recorded = set(re.findall(r"record: (\S+)", RULES.read_text(encoding="utf-8")))
    assert named - documented().keys() == set()
    assert named != set()
    assert set(RECORDED.findall(text)) - recorded == set()


def test_every_documented_metric_but_plain_bookkeeping_is_watched_somewhere() -> None:
    shown = "\n".join([RULES.read_text(encoding="utf-8"), *dashboard_queries()])
    assert [name for name in documented() if name not in shown] == []


def test_the_documentation_lists_every_alert() -> None:
    rows = re.findall(r"^\| (`LuxeWin.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == alerts()


def test_the_dashboard_is_what_its_builder_makes() -> None:
    made = subprocess.run(
        [sys.executable, DEPLOY / "grafana" / "dashboard.py"], capture_output=True, text=True, check=True, timeout=60
    )
    assert DASHBOARD.read_text(encoding="utf-8") == made.stdout, "run `make dashboard`"


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
