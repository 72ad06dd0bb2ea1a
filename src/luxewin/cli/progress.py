"""Progress of long-running commands: a bar on a terminal, and lines."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from luxewin.runtime.backup.archive import Advance

_MEGABYTE = 2**20
_console = Console(highlight=False)


def report(line: str) -> None:
    """Print a line, without wrapping it to the width of the terminal."""
    _console.print(line, soft_wrap=True, markup=False)


@contextmanager
def progress_of(what: str, total_bytes: int) -> Iterator[Advance]:
    """Show a progress bar during the block, on a terminal; yield the function that advances it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=max(total_bytes, 1))
        yield lambda size_bytes: progress.advance(task, size_bytes)


def megabytes(size_bytes: int) -> str:
    """Return a size in megabytes, as text."""
    return f"{size_bytes / _MEGABYTE:.1f} MB"
