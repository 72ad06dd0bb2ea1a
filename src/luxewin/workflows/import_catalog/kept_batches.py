"""Batches of a file that was read once, kept on disk for the second time: to read it anew costs four times as much."""

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from luxewin.kit.errors import Unavailable
from luxewin.modules.catalog.public import Item


class KeptBatches:
    """Batches in the order in which they were kept."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.is_whole = False

    def kept(self, batches: Iterator[list[Item]]) -> Iterator[list[Item]]:
        """Yield batches on, and keep each; once all have passed, they are `is_whole`.

        Raises:
            Unavailable: there is no room for them.
        """
        for batch in batches:
            try:
                pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            except OSError as error:
                raise Unavailable("There is no room to unpack the file; try again later") from error
            yield batch
        self.is_whole = True

    def again(self) -> Iterator[list[Item]]:
        """Yield all batches once more."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # noqa: S301 - written above, into a file without a name
            except EOFError:
                return


@contextmanager
def kept_batches() -> Iterator[KeptBatches]:
    """Keep batches in a file without a name, which nobody else can open, while the block runs."""
    with tempfile.TemporaryFile() as file:
        yield KeptBatches(file)
