"""Vectors and an example that an independent implementation has published; they are read where they lie, if they do."""

import json
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parents[3].parent / "shared" / "data"
VECTORS, EXAMPLE, SCHEMA = (_FOLDER / name for name in ("draw-vectors.json", "proof-example.json", "proof.schema.json"))
published = pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not kept in this repository")


def read(path: Path) -> Any:
    """Read a published file; what is not there is empty, so that tests can be listed without it."""
    return json.loads(path.read_bytes()) if path.exists() else {}
