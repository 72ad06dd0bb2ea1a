"""What `luxewin doctor` finds wrong: each bad outcome has the value in its message, and a remedy."""

import socket
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from luxewin.cli.diagnosing import (
    LARGEST_SKEW_SECONDS,
    LEAST_FREE_BYTES,
    Finding,
    Outcome,
    clock_finding,
    diagnose,
    disk_finding,
    exposure_findings,
    migrations_finding,
    python_finding,
)
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.settings import Settings
from luxewin.migrations.revisions import newest_revision
from luxewin.runtime.postgres.layout import Layout


async def found(check: str, folder: Path, **settings: str) -> Finding:
    """Return the finding of a check on an installation in this folder."""
    environ = {"LUXEWIN_DATA_DIR": str(folder), "LUXEWIN_PORT": str(free_port()), **settings}
    [finding] = [finding for finding in await diagnose(environ) if finding.check == check]
    return finding


def free_port() -> int:
    """Return a port that nobody uses."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def settings_of(**environ: str) -> Settings:
    """Return the settings of these variables."""
    return Settings.load(environ, SETTINGS_EXTENSIONS)


def test_a_python_that_is_too_old_fails() -> None:
    assert python_finding((3, 10, 14)) == Finding(
        "python", Outcome.FAILED, "This is Python 3.10.14", "install Python 3.11 or later"
    )
    assert python_finding((3, 11, 0)).outcome is Outcome.OK


def test_a_disk_that_is_almost_full_is_a_warning() -> None:
    full = disk_finding(LEAST_FREE_BYTES - 2**20, Path("/srv/shop"))
    assert (full.outcome, full.message) == (Outcome.WARNING, "The disk that holds /srv/shop has 499 MB left")
    assert full.remedy is not None
    assert disk_finding(LEAST_FREE_BYTES, Path("/srv/shop")).outcome is Outcome.OK


@pytest.mark.parametrize(("skew_seconds", "side"), [(7.2, "ahead of"), (-7.2, "behind")])
def test_clocks_that_differ_are_a_warning_that_names_the_side(skew_seconds: float, side: str) -> None:
    finding = clock_finding(skew_seconds)
    assert finding.outcome is Outcome.WARNING
    assert finding.message == f"The database's clock is 7 s {side} the clock of this machine"
    assert "NTP" in str(finding.remedy)
    assert clock_finding(LARGEST_SKEW_SECONDS).outcome is clock_finding(-LARGEST_SKEW_SECONDS).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("revision", "outcome", "state", "remedy"),
    [
        (None, Outcome.WARNING, "empty", "run `luxewin migrate`"),
        ("0001", Outcome.WARNING, "0001", "run `luxewin migrate`"),
        ("9999", Outcome.FAILED, "9999", "install the version of LuxeWin that has migrated the database"),
    ],
)
def test_a_schema_of_another_version_is_named_with_the_one_that_is_needed(
    revision: str | None, outcome: Outcome, state: str, remedy: str
) -> None:
    finding = migrations_finding(revision)
    assert (finding.outcome, str(finding.remedy).startswith(remedy)) == (outcome, True)
    assert finding.message.startswith(f"The schema is {state}, and this version ")
    assert finding.message.endswith(newest_revision())
    assert migrations_finding(newest_revision()).outcome is Outcome.OK


def test_development_that_other_machines_can_reach_is_a_warning() -> None:
    [open_to_all] = exposure_findings(settings_of(LUXEWIN_HOST="0.0.0.0"))  # noqa: S104 - nothing listens there
    assert (open_to_all.outcome, "0.0.0.0" in open_to_all.message) == (Outcome.WARNING, True)  # noqa: S104 - as above
    assert "LUXEWIN_ENV=production" in str(open_to_all.remedy)
    for host in ("127.0.0.1", "::1", "localhost"):
        [closed] = exposure_findings(settings_of(LUXEWIN_HOST=host))
        assert closed.outcome is Outcome.OK


async def test_a_port_that_another_program_uses_fails(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        finding = await found("port", tmp_path, LUXEWIN_PORT=port)
    assert (finding.outcome, port in finding.message, bool(finding.remedy)) == (Outcome.FAILED, True, True)
    assert (await found("port", tmp_path, LUXEWIN_PORT=port)).outcome is Outcome.OK


async def test_a_data_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("")
    finding = await found("data folder", file)
    assert (finding.outcome, str(file) in finding.message) == (Outcome.FAILED, True)
    assert "LUXEWIN_DATA_DIR" in str(finding.remedy)
    missing = await found("data folder", tmp_path / "missing")
    assert (missing.outcome, (tmp_path / "missing").exists()) == (Outcome.OK, False)


async def test_a_database_without_its_master_key_fails(tmp_path: Path) -> None:
    assert (await found("secrets", tmp_path)).outcome is Outcome.OK
    Layout.of(tmp_path).cluster.mkdir(parents=True)
    finding = await found("secrets", tmp_path)
    assert (finding.outcome, "no master key" in finding.message) == (Outcome.FAILED, True)
    assert str(tmp_path / "secrets" / "master_key") in str(finding.remedy)


async def test_a_database_server_that_does_not_answer_fails(tmp_path: Path) -> None:
    port = free_port()
    address = f"postgresql://luxewin:word@127.0.0.1:{port}/luxewin"
    key = b64encode(bytes(range(32))).decode()
    finding = await found("database", tmp_path, LUXEWIN_DATABASE_URL=address, LUXEWIN_MASTER_KEY=key)
    assert (finding.outcome, str(port) in finding.message) == (Outcome.FAILED, True)


async def test_a_misspelt_setting_fails_with_the_nearest_known_one(tmp_path: Path) -> None:
    finding = await found("settings", tmp_path, LUXEWIN_PROT="80")
    assert (finding.outcome, "LUXEWIN_PROT" in finding.message) == (Outcome.FAILED, True)
    assert "LUXEWIN_PORT" in str(finding.remedy)
