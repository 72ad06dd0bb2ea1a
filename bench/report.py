"""The description of the machine and the method that every benchmark prints."""

import platform
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

_CPUINFO = Path("/proc/cpuinfo")
PERCENTILES = (50, 95, 99)

console = Console(stderr=True, highlight=False)


def described(*how: str) -> str:
    """Return the date, the machine and the method, as one line."""
    machine = f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, Python {platform.python_version()}"
    return "; ".join((machine, *how, "clients, servers and database share the machine")) + ".\n"


def _processor() -> str:
    lines = _CPUINFO.read_text(encoding="utf-8").splitlines() if _CPUINFO.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.processor()
