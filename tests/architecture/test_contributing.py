"""Files for contributors: they are valid, and the documentation of the fixtures is complete."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.fixtures import Fixture, fixtures_in, shared_fixtures
from tests.architecture.tree import ROOT

FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
FORM_FIELDS = {"checkboxes", "dropdown", "input", "markdown", "textarea"}
ROW = re.compile(r"^\| `(\w+)` \| `([\w/]+)` \| (\w+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def test_every_shared_fixture_is_documented_with_its_folder_and_scope() -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    documented = [Fixture(*row) for row in ROW.findall(page)]
    assert sorted(documented) == sorted(shared_fixtures())


def test_fixtures_are_found_with_their_scope(tmp_path: Path) -> None:
    conftest = tmp_path / "conftest.py"
    conftest.write_text(
        "@pytest.fixture\ndef a(): ...\n@pytest.fixture(autouse=True, scope='module')\ndef b(): ...\ndef c(): ...\n",
        encoding="utf-8",
    )
    assert list(fixtures_in(conftest, "tests")) == [Fixture("a", "tests", "function"), Fixture("b", "tests", "module")]


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_has_labelled_fields_of_known_types(form: Path) -> None:
    content = read(form)
    fields = [field for field in content["body"] if field["type"] != "markdown"]
    identifiers = [field["id"] for field in fields]
    assert {"name", "description"} < content.keys()
    assert {field["type"] for field in content["body"]} <= FORM_FIELDS
    assert all(field["attributes"]["label"] for field in fields)
    assert len(set(identifiers)) == len(identifiers)


def test_the_issue_chooser_links_to_the_security_policy() -> None:
    links = read(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")["contact_links"]
    assert any(link["url"].endswith("/security/policy") and "SECURITY.md" in link["about"] for link in links)


def test_the_ci_workflows_are_valid_yaml() -> None:
    assert all(read(path)["jobs"] for path in (ROOT / ".github" / "workflows").glob("*.yml"))


def test_the_git_hooks_are_valid_and_run_the_tools_of_the_project() -> None:
    file = ROOT / ".pre-commit-config.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(file)]
    validated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    hooks = [hook for repository in read(file)["repos"] for hook in repository["hooks"]]
    assert {repository["repo"] for repository in read(file)["repos"]} == {"local"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)


def test_the_development_container_uses_an_existing_make_target_and_forwards_the_port() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = container["postCreateCommand"].removeprefix("make ")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert container["forwardPorts"] == [8000]


def test_the_code_owners_file_names_existing_paths() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines()
    owned = [line.split() for line in lines if line and not line.startswith("#")]
    assert all(owner.startswith("@") for _, *owners in owned for owner in owners)
    assert [pattern for pattern, *_ in owned if not list(ROOT.glob(pattern.lstrip("/")))] == []


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content
