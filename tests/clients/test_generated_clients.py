"""Clients that two generators make from the OpenAPI document, used as the documentation shows against the program."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.program import Program

FOLDER = Path(__file__).parent
GUIDE = (ROOT / "docs" / "api" / "clients.md").read_text(encoding="utf-8")
API = "http://127.0.0.1:8000"
SCRIPTS = ROOT / ".venv" / "client-generator" / "bin"
NODE_MODULES = FOLDER / "node_modules"


def example(language: str, program: Program) -> str:
    """Return the program in a language of the documentation, for the running server."""
    code = GUIDE.partition(f"```{language}\n")[2].partition("```")[0]
    assert API in code
    return code.replace(API, program.url)


async def run(*command: str | Path, folder: Path) -> str:
    """Run a command to its success; return what it printed."""
    environment = {**os.environ, "PATH": f"{SCRIPTS}:{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


@pytest.mark.parametrize("document", ["openapi.json", "openapi-3.0.json"])
async def test_a_generated_typescript_client_buys_a_product(program: Program, tmp_path: Path, document: str) -> None:
    assert NODE_MODULES.exists(), "run `make install`; it needs npm"
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "buy.ts").write_text(example("ts", program))
    tools = NODE_MODULES / ".bin"
    await run(tools / "openapi-typescript", f"{program.url}/{document}", "--output", "api.ts", folder=tmp_path)
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable"]
    await run(tools / "tsc", *options, "buy.ts", folder=tmp_path)
    number, status, amount = (await run("node", "buy.js", folder=tmp_path)).split()
    assert (status, bool(number), int(amount) > 0) == ("paid", True, True)


async def test_a_generated_python_client_is_complete_and_buys_a_product(program: Program, tmp_path: Path) -> None:
    assert SCRIPTS.exists(), "run `make install`"
    told = await run(
        SCRIPTS / "openapi-python-client",
        *("generate", "--url", f"{program.url}/openapi.json", "--config", FOLDER / "generator.yaml"),
        *("--meta", "none", "--output-path", "luxewin_client"),
        folder=tmp_path,
    )
    assert [line for line in told.splitlines() if "Unable" in line or "WARNING" in line or "omitted" in line] == []
    (tmp_path / "buy.py").write_text(example("python", program))
    number, status, amount = (await run(SCRIPTS / "python", "buy.py", folder=tmp_path)).split()
    assert (status, bool(number), int(amount) > 0) == ("paid", True, True)
