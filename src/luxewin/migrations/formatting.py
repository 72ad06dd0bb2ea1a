"""Formatting of drafted migrations, so that they pass the style checks as they are written."""

import ast
import json
import re
import subprocess
import tokenize
from io import StringIO
from pathlib import Path

from luxewin.migrations.development_tools import find_tool

_LONGEST_LITERAL = 90


def format_draft(path: Path) -> None:
    """Split long strings, remove unused imports and format a draft, by the rules of the folder that it is in.

    Raises:
        StartupError: Ruff is not installed.
    """
    ruff = find_tool("ruff")
    path.write_text(split_long_strings(path.read_text(encoding="utf-8")), encoding="utf-8")
    for arguments in (["check", "--fix", "--exit-zero", "--silent"], ["format", "--quiet"]):
        subprocess.run([ruff, *arguments, str(path)], check=True)  # noqa: S603 - a development tool


def split_long_strings(source: str) -> str:
    """Return a program with each long string split into several literals; they must be arguments of a call."""
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(StringIO(source).readline))
    for token in reversed(tokens):
        (row, start), (end_row, end) = token.start, token.end
        if token.type == tokenize.STRING and row == end_row and end - start > _LONGEST_LITERAL:
            line = lines[row - 1]
            lines[row - 1] = line[:start] + _literals(ast.literal_eval(token.string)) + line[end:]
    return "".join(lines)


def _literals(text: str) -> str:
    """Return a string as literals on lines of their own, split before spaces."""
    parts = [""]
    for word in re.split("(?= )", text):
        if parts[-1] and len(parts[-1]) + len(word) > _LONGEST_LITERAL:
            parts.append("")
        parts[-1] += word
    return "\n".join(json.dumps(part, ensure_ascii=False) for part in parts)
