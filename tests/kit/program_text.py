"""A program that a test has written as text."""

from typing import Any

PRELUDE = """
import os, signal, socket, sys, time
from luxewin.runtime.supervision import watch_parent
link = watch_parent()
"""


def run(text: str, *arguments: Any) -> None:
    """Run the text, with the variables `arguments` and `link`."""
    exec(PRELUDE + text, {"arguments": arguments})  # noqa: S102 - the text of a test
