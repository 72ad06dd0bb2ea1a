"""Prometheus and Alertmanager, real ones, on ports and in folders of their own, with the configuration that is shipped.

Only what a test cannot wait for is shortened: intervals, and how long a state must last before somebody is woken.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.architecture.tree import ROOT
from tests.observability.receivers import SURELY_THERE_SECONDS

SHIPPED = ROOT / "deploy" / "prometheus"
PROGRAMS = ("prometheus", "prometheus-alertmanager")
_INTERVAL = re.compile(r"(?m)^(\s*(?:scrape_interval|evaluation_interval|group_wait|group_interval): )\S+$")
_LASTING = re.compile(r"(?m)^(\s*for: )\S+$")


@contextmanager
def watching(*, program: str, pager: str, folder: Path) -> Iterator[str]:
    """Scrape a program, and wake a pager; both are addresses; yield the address of Prometheus."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        told = f"{', '.join(missing)} missing: apt-get install {' '.join(missing)}"
        assert "CI" not in os.environ, told
        pytest.skip(told)
    prometheus, alertmanager = f"127.0.0.1:{_free_port()}", f"127.0.0.1:{_free_port()}"
    shorten(SHIPPED / "rules.yml", folder, {})
    shorten(SHIPPED / "alertmanager.yml", folder, {"127.0.0.1:9095": pager})
    shorten(SHIPPED / "prometheus.yml", folder, {"127.0.0.1:9093": alertmanager, "127.0.0.1:8000": program})
    with (
        _running(
            "prometheus-alertmanager",
            f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/alertmanager",
            f"--web.listen-address={alertmanager}",
            "--cluster.listen-address=",
            ready=f"http://{alertmanager}/-/ready",
            log=folder / "alertmanager.log",
        ),
        _running(
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/prometheus",
            f"--web.listen-address={prometheus}",
            ready=f"http://{prometheus}/-/ready",
            log=folder / "prometheus.log",
        ),
    ):
        yield f"http://{prometheus}"


def shorten(shipped: Path, folder: Path, addresses: Mapping[str, str]) -> None:
    """Copy a file into the folder, with these addresses and without long waits."""
    text = _LASTING.sub(r"\g<1>0s", _INTERVAL.sub(r"\g<1>1s", shipped.read_text(encoding="utf-8")))
    for address, ours in addresses.items():
        assert address in text
        text = text.replace(address, ours)
    (folder / shipped.name).write_text(text, encoding="utf-8")


@contextmanager
def _running(name: str, *arguments: str, ready: str, log: Path) -> Iterator[None]:
    with log.open("w") as output, subprocess.Popen([name, *arguments], stdout=output, stderr=output) as process:
        try:
            give_up_at = time.monotonic() + SURELY_THERE_SECONDS
            while not _answers(ready):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < give_up_at, log.read_text()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=5).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
