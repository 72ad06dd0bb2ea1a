"""Compile the draw anchor: `python -m contracts.build` writes the artefact that the program deploys and calls.

The compiler is pinned, and the source names its version and the EVM version, so that the result is reproducible.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import vyper  # type: ignore[import-untyped] # it has no type hints

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "contracts" / "draw_anchor.vy"
ARTEFACT = ROOT / "src" / "luxewin" / "modules" / "raffles" / "anchors" / "draw_anchor.json"


def compile_contract(source: str) -> dict[str, Any]:
    """Return the artefact: interface, creation code, and SHA-256 of the deployed code."""
    output = vyper.compile_code(source, output_formats=["abi", "bytecode", "bytecode_runtime"])
    code = bytes.fromhex(output["bytecode_runtime"].removeprefix("0x"))
    return {
        "compiler": f"vyper {vyper.__version__}",
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "code_sha256": hashlib.sha256(code).hexdigest(),
        "abi": output["abi"],
        "creation_code": output["bytecode"],
    }


def artefact_file(artefact: dict[str, Any]) -> str:
    """Return the content of the artefact's file."""
    return json.dumps(artefact, indent=1) + "\n"


if __name__ == "__main__":
    ARTEFACT.write_text(artefact_file(compile_contract(SOURCE.read_text(encoding="utf-8"))), encoding="utf-8")
