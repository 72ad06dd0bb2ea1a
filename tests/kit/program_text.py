"""A program that a test has written as text."""

from typing import Any

PRELUDE = """
import os, signal, socket, sys, time
from luxewin.runtime.supervision import watch_parent
link = watch_parent()
"""


def run(text: str, *arguments: Any) -> None:
    """Run the text, which finds its `arguments` under that name and its link as `link`."""
    exec(PRELUDE + text, {"arguments": arguments})  # noqa: S102 - the text of a test
