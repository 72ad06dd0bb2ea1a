"""The compiled contract: what is deployed, how it is called, and what must lie at its address."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Artefact:
    """The compiled contract; `code_sha256` is of the code that lies on the chain once it is deployed."""

    abi: list[dict[str, Any]]
    creation_code: bytes
    code_sha256: bytes


@cache
def draw_anchor() -> Artefact:
    """Return the draw anchor, as `contracts/build.py` has compiled it."""
    content = json.loads(Path(__file__).with_name("draw_anchor.json").read_bytes())
    creation_code = bytes.fromhex(content["creation_code"].removeprefix("0x"))
    return Artefact(content["abi"], creation_code, bytes.fromhex(content["code_sha256"]))
