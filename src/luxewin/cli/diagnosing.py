"""`luxewin doctor`: what usually goes wrong, checked one by one, each with its remedy."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import asyncpg

from luxewin.cli.status import DatabaseStatus, exists, read_database
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings, SettingsError
from luxewin.kit.startup import StartupError
from luxewin.migrations.revisions import newest_revision
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.running_program import find_running
from luxewin.runtime.supervision.listening import listen

OLDEST_PYTHON = (3, 11)
LARGEST_SKEW_SECONDS = 5.0
LEAST_FREE_BYTES = 500 * 2**20
_SETTING = re.compile(r"^LUXEWIN_[A-Z_]+: ")


class Outcome(StrEnum):
    """The outcome of a check. A warning does not prevent the start."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check, and what to do about it."""

    check: str
    outcome: Outcome
    message: str
    remedy: str | None = None

    @property
    def has_failed(self) -> bool:
        """True if the program cannot run like this."""
        return self.outcome is Outcome.FAILED

    def document(self) -> dict[str, Any]:
        """Return the finding for scripts."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield the finding for people."""
        yield f"{self.outcome:<9}{self.check:<13}{self.message}"
        if self.remedy is not None:
            yield f"{'':<22}→ {self.remedy}"


async def diagnose(environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Return the findings on the installation of these environment variables; creates nothing."""
    findings = [python_finding(sys.version_info[:3])]
    try:
        settings = Settings.load(environ, SETTINGS_EXTENSIONS)
    except SettingsError as error:
        return findings + [_failed("settings", StartupError(line)) for line in str(error).splitlines()]
    findings += [
        *exposure_findings(settings),
        _port_finding(settings),
        _folder_finding(settings.data_dir),
        disk_finding(shutil.disk_usage(_existing(settings.data_dir)).free, settings.data_dir),
        _secrets_finding(settings),
    ]
    return findings + await _database_findings(settings, environ)


def python_finding(version: tuple[int, ...]) -> Finding:
    """Return whether this Python is recent enough."""
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return Finding("python", Outcome.FAILED, f"This is Python {text}", f"install Python {oldest} or later")
    return Finding("python", Outcome.OK, f"Python {text}")


def exposure_findings(settings: Settings) -> Iterator[Finding]:
    """Yield whether the settings fit the place in which the program runs; `Settings` refuses what is unsafe."""
    if settings.is_production and not settings.http.trusted_proxies:
        yield Finding(
            "settings",
            Outcome.WARNING,
            "Production serves HTTPS only, and no proxy is trusted to say that a request came over HTTPS",
            "set LUXEWIN_TRUSTED_PROXIES to the network of the proxy that terminates TLS",
        )
    elif not settings.is_production and not _is_loopback(settings.http.host):
        yield Finding(
            "settings",
            Outcome.WARNING,
            f"Other machines can reach {settings.http.host}, with the wide limits and the plain HTTP of development",
            "set LUXEWIN_ENV=production, or LUXEWIN_HOST=127.0.0.1",
        )
    else:
        yield Finding("settings", Outcome.OK, f"All settings can be used; the environment is {settings.environment}")


def disk_finding(free_bytes: int, folder: Path) -> Finding:
    """Return whether the disk has space to work."""
    message = f"The disk that holds {folder} has {free_bytes // 2**20} MB left"
    if free_bytes < LEAST_FREE_BYTES:
        return Finding("disk", Outcome.WARNING, message, "free some space, or move the data folder to a larger disk")
    return Finding("disk", Outcome.OK, message)


def clock_finding(skew_seconds: float) -> Finding:
    """Return whether the clocks of this machine and of the database agree."""
    if abs(skew_seconds) > LARGEST_SKEW_SECONDS:
        ahead = "ahead of" if skew_seconds > 0 else "behind"
        return Finding(
            "clock",
            Outcome.WARNING,
            f"The database's clock is {abs(skew_seconds):.0f} s {ahead} the clock of this machine",
            "synchronise both with NTP (chrony, or systemd-timesyncd)",
        )
    return Finding("clock", Outcome.OK, "The clocks of the database and of this machine agree")


def migrations_finding(revision: str | None) -> Finding:
    """Return whether the schema is the one of this version."""
    newest = newest_revision()
    if revision is not None and revision > newest:
        return Finding(
            "migrations",
            Outcome.FAILED,
            f"The schema is {revision}, and this version supports {newest}",
            "install the version of LuxeWin that has migrated the database, or a later one",
        )
    if revision != newest:
        return Finding(
            "migrations",
            Outcome.WARNING,
            f"The schema is {revision or 'empty'}, and this version needs {newest}",
            "run `luxewin migrate`, or start the program, which migrates first",
        )
    return Finding("migrations", Outcome.OK, f"The schema is {newest}, up to date")


def _port_finding(settings: Settings) -> Finding:
    running = find_running(settings.data_dir)
    if running is not None:
        message = f"This installation runs at {running.address}, process {running.pid}"
        return Finding("port", Outcome.OK, message)
    http = settings.http
    try:
        listen(http.host, http.port).close()
    except StartupError as error:
        return _failed("port", error)
    return Finding("port", Outcome.OK, f"Port {http.port} of {http.host} is free")


def _folder_finding(data_dir: Path) -> Finding:
    folder = _existing(data_dir)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            "data folder",
            Outcome.FAILED,
            f"{folder} is not a folder that the user {os.geteuid()} can write to",
            f"run `sudo chown -R {os.geteuid()} {folder}`, or set LUXEWIN_DATA_DIR to another folder",
        )
    state = "can be written" if data_dir.exists() else "does not exist yet, and can be created"
    return Finding("data folder", Outcome.OK, f"{data_dir} {state}")


def _secrets_finding(settings: Settings) -> Finding:
    try:
        key = Secrets.existing_master_key(settings)
    except StartupError as error:
        return _failed("secrets", error)
    if key is not None:
        return Finding("secrets", Outcome.OK, "The master key is here")
    if Layout.of(settings.data_dir).cluster.exists():
        return Finding(
            "secrets",
            Outcome.FAILED,
            "There is a database, and no master key: encrypted data in it cannot be read",
            f"restore {settings.data_dir / 'secrets' / 'master_key'} from your copy, or set LUXEWIN_MASTER_KEY",
        )
    return Finding("secrets", Outcome.OK, "There is no master key yet; the first start generates one")


async def _database_findings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    try:
        if not exists(settings):
            return [Finding("database", Outcome.OK, "There is no database yet; the first start creates it")]
        installation = Installation.find(environ, SETTINGS_EXTENSIONS)
        async with installation.database_server(report=lambda _line: None, join=True) as address:
            connection = await asyncpg.connect(**address.connect_arguments())
            try:
                database = await read_database(connection)
                skew = await connection.fetchval("SELECT clock_timestamp()") - datetime.now(UTC)
            finally:
                await connection.close()
    except (StartupError, *DRIVER_ERRORS) as error:
        return [_failed("database", error)]
    return [_answering(settings, database), migrations_finding(database.revision), clock_finding(skew.total_seconds())]


def _answering(settings: Settings, database: DatabaseStatus) -> Finding:
    kind = "embedded PostgreSQL" if settings.database.address is None else f"PostgreSQL at {settings.database.address}"
    return Finding("database", Outcome.OK, f"The {kind} answers, version {database.version}")


def _failed(check: str, error: Exception) -> Finding:
    """Return a failed check from an error, whose message is the cause and, after a colon, the remedy."""
    message = str(error)
    setting = _SETTING.match(message)
    name = "" if setting is None else setting[0]
    cause, *remedy = re.split(r"[:;] ", message.removeprefix(name), maxsplit=1)
    return Finding(check, Outcome.FAILED, name + cause, *remedy)


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
