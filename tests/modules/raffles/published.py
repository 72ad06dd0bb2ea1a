"""Test vectors and an example of an independent implementation; they are not part of this repository."""

import json
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parents[3].parent / "shared" / "data"
VECTORS, EXAMPLE, SCHEMA = (_FOLDER / name for name in ("draw-vectors.json", "proof-example.json", "proof.schema.json"))
published = pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not kept in this repository")


def read(path: Path) -> Any:
    """Read a published file; a missing file is empty, so that the tests can be collected without it."""
    return json.loads(path.read_bytes()) if path.exists() else {}
