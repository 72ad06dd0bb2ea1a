"""Forbidden content of tracked files, and required content of lock files."""

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, settings

REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|deb\.debian|security\.debian|crates|jsdelivr|unpkg)\.(?:org|com|io|net)\b"
)
PATH_OF_ONE_MACHINE = re.compile(r"(?<![\w.*-])/(?:work|home|root|Users|opt/(?:pypi|wheels))/\w")
LOCKS = ("requirements.txt", "requirements-chain.txt", "requirements-dev.txt", "requirements-install.txt")
PIN = re.compile(r"^(?P<name>[a-z0-9.-]+)==\S+(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def test_no_file_names_a_package_registry() -> None:
    violations = _lines_with(REGISTRY)
    assert not violations, "\n".join(violations)


def test_no_file_names_a_path_of_one_machine() -> None:
    violations = _lines_with(PATH_OF_ONE_MACHINE)
    assert not violations, "\n".join(violations)


@pytest.mark.parametrize("text", ["https://pypi" + ".org/simple", "files.pythonhosted" + ".org"])
def test_a_registry_is_recognised(text: str) -> None:
    assert REGISTRY.search(text)


@pytest.mark.parametrize(("text", "found"), [("in /ho" + "me/ann/shop", True), ("/home-and-garden", False)])
def test_a_path_of_one_machine_is_recognised(text: str, found: bool) -> None:
    assert bool(PATH_OF_ONE_MACHINE.search(text)) is found


def test_the_lock_file_that_names_a_registry_is_not_committed() -> None:
    assert [path for path in _tracked() if path.name == "uv.lock"] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_contains_only_pins_with_hashes(lock: str) -> None:
    lines = [line for line in _read(ROOT / lock).splitlines() if not line.startswith("#")]
    pins_without_hash = [pin for pin, below in pairwise([*lines, ""]) if PIN.match(pin) and not HASH.match(below)]
    assert not [line for line in lines if not (PIN.match(line) or HASH.match(line))]
    assert not pins_without_hash


def test_every_declared_dependency_is_pinned() -> None:
    project, groups = settings()["project"], settings()["dependency-groups"]
    with_chain = project["dependencies"] + project["optional-dependencies"]["chain"]
    for lock, declared in {
        "requirements.txt": project["dependencies"],
        "requirements-chain.txt": with_chain,
        "requirements-dev.txt": with_chain + groups["dev"],
        "requirements-install.txt": groups["install"],
    }.items():
        pinned = {match["name"] for match in map(PIN.match, _read(ROOT / lock).splitlines()) if match}
        assert {_name(requirement) for requirement in declared} - pinned == set(), lock


def test_an_install_without_extras_excludes_the_packages_of_the_extra() -> None:
    pinned = {match["name"] for match in map(PIN.match, _read(ROOT / "requirements.txt").splitlines()) if match}
    assert pinned & {"web3", "eth-account", "aiohttp", "pycryptodome"} == set()


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _tracked() -> list[Path]:
    # Includes new files that are not ignored, so that a violation is found before it is committed.
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in sorted(set(listed.stdout.split("\0"))) if name and (ROOT / name).is_file()]


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in _tracked()
        for number, line in enumerate(_read(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
