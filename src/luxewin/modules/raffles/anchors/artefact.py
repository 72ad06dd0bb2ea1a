"""The compiled contract: the code to deploy, the interface to call, and the hash of the deployed code."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Artefact:
    """The compiled contract; `code_sha256` is the hash of its code on the chain after deployment."""

    abi: list[dict[str, Any]]
    creation_code: bytes
    code_sha256: bytes


@cache
def draw_anchor() -> Artefact:
    """Return the draw anchor as compiled by `contracts/build.py`."""
    content = json.loads(Path(__file__).with_name("draw_anchor.json").read_bytes())
    creation_code = bytes.fromhex(content["creation_code"].removeprefix("0x"))
    return Artefact(content["abi"], creation_code, bytes.fromhex(content["code_sha256"]))
