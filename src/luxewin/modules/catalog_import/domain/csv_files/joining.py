"""Joining rows that belong together but are apart in their file, with the help of a temporary file."""

import pickle
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import TypeVar

from luxewin.kit.errors import Unavailable
from luxewin.modules.catalog_import.domain.shopify_csv.handles import digest

T = TypeVar("T")


def join(rows: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield rows with those of the same key next to each other, in the order of each key's first row.

    The rows are stored on disk; memory holds a digest of each key, and two numbers for each row.

    Raises:
        Unavailable: the disk is full.
    """
    firsts: dict[bytes, int] = {}
    groups, offsets = array("Q"), array("Q")
    with tempfile.TemporaryFile() as file:
        try:
            for key, row in rows:
                groups.append(firsts.setdefault(digest(key), len(firsts)))
                offsets.append(file.tell())
                pickle.dump((key, row), file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise Unavailable("There is not enough disk space to sort the file; try again later") from error
        for place in sorted(range(len(groups)), key=groups.__getitem__):
            file.seek(offsets[place])
            yield pickle.load(file)  # noqa: S301 - written above, into a file without a name
