"""Parsed batches of a file, stored on disk for the second pass: parsing the file again takes four times as long."""

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from luxewin.kit.errors import Unavailable
from luxewin.modules.catalog_import.public import Item


class BatchFile:
    """Stored batches, in their order."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.is_complete = False

    def store(self, batches: Iterator[list[Item]]) -> Iterator[list[Item]]:
        """Yield and store each batch; after the last batch the file `is_complete`.

        Raises:
            Unavailable: the disk is full.
        """
        for batch in batches:
            try:
                pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            except OSError as error:
                raise Unavailable("There is not enough disk space to unpack the file; try again later") from error
            yield batch
        self.is_complete = True

    def read(self) -> Iterator[list[Item]]:
        """Yield all stored batches."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # noqa: S301 - written above, into a file without a name
            except EOFError:
                return


@contextmanager
def batch_file() -> Iterator[BatchFile]:
    """Open a file without a name, which no other process can open, while the block runs."""
    with tempfile.TemporaryFile() as file:
        yield BatchFile(file)
