"""Work that takes a while, with a bar where somebody watches."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from luxewin.runtime.backup.archive import Advance

_MEGABYTE = 2**20
_console = Console(highlight=False)


def report(line: str) -> None:
    """Say what is done, a line for each step, however narrow the terminal."""
    _console.print(line, soft_wrap=True, markup=False)


@contextmanager
def watched(what: str, total_bytes: int) -> Iterator[Advance]:
    """Show how much of so many bytes is done while the block runs, on a terminal; yield what is to be told of them."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=max(total_bytes, 1))
        yield lambda size_bytes: progress.advance(task, size_bytes)


def megabytes(size_bytes: int) -> str:
    """Return a size as people read it."""
    return f"{size_bytes / _MEGABYTE:.1f} MB"
