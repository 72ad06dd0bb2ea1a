"""`luxewin start` and `luxewin migrate`."""

import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from rich.console import Console

from luxewin import __version__
from luxewin.demo.seeding import FirstAccount, seed
from luxewin.kit.observability.multiprocess import merge_ended_process
from luxewin.migrations.migrating import migrate
from luxewin.modules.raffles.public import AnchorSettings, require_web3
from luxewin.runtime.installation import Installation
from luxewin.runtime.running_program import RunningProgram, announce
from luxewin.runtime.supervision.child import Child
from luxewin.runtime.supervision.fork_server import ForkServer
from luxewin.runtime.supervision.listening import listen
from luxewin.runtime.supervision.supervisor import stop_on_signals, supervise

console = Console(highlight=False)
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
API, WORKER, RELAY = "luxewin.main", "luxewin.worker", "luxewin.relay"
"""The modules of the child processes, by name: the fork server imports them, and this process does not."""


async def start_everything(installation: Installation) -> None:
    """Start and migrate the database, seed it once, and run the child processes until a signal stops them."""
    started = time.monotonic()
    settings = installation.settings
    if settings.of(AnchorSettings).contract is not None:
        require_web3()
    with (
        listen(settings.http.host, settings.http.port) as listening,
        stop_on_signals() as stop,
        tempfile.TemporaryDirectory(prefix="luxewin-metrics-") as metrics,
    ):
        port: int = listening.getsockname()[1]
        os.environ[METRICS_FOLDER] = metrics
        with ForkServer([API, WORKER, RELAY]) as fork_server:  # imports while the database starts
            async with prepare(installation) as account:
                _report("Starting the API, the worker and the relay")
                with announce(settings.data_dir, _running_program(installation, port)):
                    await supervise(
                        _children(installation, listening, port),
                        fork_server=fork_server,
                        stop=stop,
                        when_ready=lambda: _welcome(installation, port, account, time.monotonic() - started),
                        when_ended=partial(merge_ended_process, Path(metrics)),
                        grace_seconds=settings.http.drain_seconds,
                    )
        _report("Stopped; all acknowledged changes are stored")


@asynccontextmanager
async def prepare(installation: Installation) -> AsyncIterator[FirstAccount | None]:
    """Run the database, migrated and seeded; yield the first account if it was created now."""
    async with installation.database_server(report=_report):
        await migrate(installation.owner.connect_arguments(), installation.logins(), report=_report)
        yield await seed(installation, report=_report)


async def migrate_only(installation: Installation) -> None:
    """Migrate the database, and print whether anything changed."""
    async with installation.database_server(report=_report, join=True):
        changed = await migrate(installation.owner.connect_arguments(), installation.logins(), report=_report)
    _report("Migrated the schema" if changed else "The schema is up to date")


def _children(installation: Installation, listening: socket.socket, port: int) -> list[Child]:
    numbers = range(1, installation.settings.http.processes + 1)
    api = [Child(name=f"api-{number}", module=API, arguments=(listening,)) for number in numbers]
    worker = Child(name="worker", module=WORKER, arguments=(port,))
    return [Child(name="relay", module=RELAY), worker, *api]


def _running_program(installation: Installation, port: int) -> RunningProgram:
    http = installation.settings.http
    return RunningProgram(
        pid=os.getpid(),
        address=f"http://{_reachable(http.host)}:{port}",
        port=port,
        processes=http.processes,
        version=__version__,
    )


def _welcome(installation: Installation, port: int, account: FirstAccount | None, seconds: float) -> None:
    settings = installation.settings
    base = settings.http.public_url or f"http://{_reachable(settings.http.host)}:{port}"
    console.print(f"\n[bold green]LuxeWin is ready[/] after {seconds:.1f} s\n")
    rows = [
        ("Start page", f"{base}/"),
        ("API", f"{base}/api/v1/products"),
        ("Documentation", f"{base}/docs"),
        ("Data", str(Path(settings.data_dir))),
    ]
    for name, value in rows:
        console.print(f"  {name:<14} {value}", soft_wrap=True)
    if account is not None:
        console.print(f"\n  First super admin, printed only this once:\n    e-mail    {account.email}", soft_wrap=True)
        console.print(f"    password  {account.password}", markup=False, soft_wrap=True)
    console.print("\n  Press Ctrl-C to stop; no acknowledged change is lost.\n")
    sys.stdout.flush()


def _reachable(host: str) -> str:
    """Return an address at which a server that listens on `host` is reachable, in the form used in a URL."""
    if host == "::":
        return "[::1]"
    return "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104 - compared only


def _report(line: str) -> None:
    console.print(f"[dim]•[/] {line}", soft_wrap=True)
