"""The verifier in TypeScript: compiled once in a test process, and run on many documents at a time."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture.tree import ROOT

SOURCES = ROOT / "verify" / "typescript"
NODE_MODULES = SOURCES / "node_modules"
_LONGEST_RUN_SECONDS = 280

Verdict = tuple[str | None, Sequence[str]]
"""The error of a document, and the caveats of a valid one."""


@dataclass(frozen=True, slots=True)
class TypeScriptVerifier:
    """The compiled program."""

    program: Path

    @classmethod
    def compiled(cls, folder: Path) -> "TypeScriptVerifier":
        """Compile the sources into a folder, with all checks of types."""
        assert NODE_MODULES.exists(), "run `make install`; it needs npm"
        (folder / "node_modules").symlink_to(NODE_MODULES)
        shutil.copy(SOURCES / "package.json", folder)
        compiler = NODE_MODULES / ".bin" / "tsc"
        arguments = ["--project", str(SOURCES), "--outDir", str(folder / "dist")]
        made = subprocess.run([compiler, *arguments], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout
        return cls(folder / "dist" / "main.js")

    def run(self, *arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        command = ["node", self.program, *arguments]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, timeout=_LONGEST_RUN_SECONDS
        )

    def verdicts(self, documents: Iterable[Any]) -> list[Verdict]:
        """Return the verdict of each document."""
        lines = "".join(f"{json.dumps({'text': json.dumps(document)})}\n" for document in documents)
        ended = self.run("--lines", given=lines)
        assert ended.returncode == 0, ended.stderr
        answers = [json.loads(line) for line in ended.stdout.splitlines()]
        return [(answer["error"], answer["caveats"]) for answer in answers]
