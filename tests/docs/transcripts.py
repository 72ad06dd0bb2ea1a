"""Run the shell blocks of a document in one bash, from top to bottom.

Only blocks fenced as `bash` are run. A `json` block below one shows what its response must contain: members may be
omitted, and `…` matches anything.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

DOCUMENTED_URL = "http://127.0.0.1:8000"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END_OF_STEP = "\x1e"
_ANYTHING = "…"
_FIRST_ERROR_STATUS = 400
_CURL_CONFIGURATION = "silent\nshow-error\nmax-time = 60\n"


@dataclass(frozen=True, slots=True)
class Step:
    """A shell block: its line, its code, and the response shown below it."""

    line: int
    code: str
    shown: Any | None


def steps_of(document: Path) -> list[Step]:
    """Return the shell blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Step(
            line=text.count("\n", 0, fence.start()) + 2,
            code=fence[2],
            shown=json.loads(after[2]) if after is not None and after[1] == "json" else None,
        )
        for fence, after in pairwise([*_FENCE.finditer(text), None])
        if fence is not None and fence[1] == "bash"
    ]


def run(steps: Sequence[Step], *, url: str, environment: Mapping[str, str], folder: Path) -> list[str]:
    """Run the steps in one bash, which stops at the first failure, and return the output of each."""
    folder.joinpath(".curlrc").write_text(_CURL_CONFIGURATION, encoding="utf-8")
    script = "".join(f"{step.code.replace(DOCUMENTED_URL, url)}\nprintf '\\036'\n" for step in steps)
    bash = shutil.which("bash")
    assert bash is not None, "the documentation is written for bash"
    ran = subprocess.run(
        [bash, "-euc", script],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "CURL_HOME": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    *outputs, rest = ran.stdout.split(_END_OF_STEP)
    assert ran.returncode == 0, f"the block at line {steps[len(outputs)].line} failed:\n{rest}\n{ran.stderr}"
    return outputs


def answer_of(output: str) -> Any:
    """Return the last JSON document that a step printed, or None."""
    for line in reversed(output.splitlines()):
        if line.startswith(("{", "[")):
            return json.loads(line)
    return None


def is_problem(answer: Any) -> bool:
    """Return whether a response is a problem document."""
    return isinstance(answer, dict) and "code" in answer and answer.get("status", 0) in range(_FIRST_ERROR_STATUS, 600)


def contains(answer: Any, shown: Any) -> bool:
    """Return whether a response contains what the document shows."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            name == _ANYTHING or (name in answer and contains(answer[name], value)) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(answer, list) and _begins(answer, shown)
    if isinstance(shown, str) and _ANYTHING in shown:
        pattern = ".*".join(map(re.escape, shown.split(_ANYTHING)))
        return shown == _ANYTHING or (isinstance(answer, str) and re.fullmatch(pattern, answer, re.DOTALL) is not None)
    return type(answer) is type(shown) and answer == shown


def _begins(answer: list[Any], shown: list[Any]) -> bool:
    items = shown[:-1] if shown[-1:] == [_ANYTHING] else shown
    if len(items) == len(shown) and len(answer) != len(items):
        return False
    return len(answer) >= len(items) and all(map(contains, answer, items))
