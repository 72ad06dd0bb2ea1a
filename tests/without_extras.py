"""Simulate an install without extras: packages that only an extra requires cannot be imported."""

import re
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.tree import ROOT

_PIN = re.compile(r"^([a-z0-9.-]+)==", re.MULTILINE)


def hidden_modules() -> list[str]:
    """Return the top-level modules of the packages that the extra `chain` adds to a plain install."""
    extra = _pinned("requirements-chain.txt") - _pinned("requirements.txt")
    return sorted(
        module for module, packages in packages_distributions().items() if set(map(_normalised, packages)) <= extra
    )


def hide_extras(folder: Path) -> str:
    """Write a `sitecustomize` that hides those modules, and return its folder, to be set as PYTHONPATH."""
    file = folder / "sitecustomize.py"
    file.write_text(f"import sys\n\nsys.modules.update(dict.fromkeys({hidden_modules()!r}))\n", encoding="utf-8")
    return str(folder)


def _pinned(lock: str) -> set[str]:
    return set(_PIN.findall((ROOT / lock).read_text(encoding="utf-8")))


def _normalised(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
