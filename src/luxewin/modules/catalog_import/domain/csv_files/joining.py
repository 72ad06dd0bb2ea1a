"""Joining rows that belong together but are apart in their file, with the help of a temporary file."""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TypeVar

from luxewin.kit.errors import Unavailable

T = TypeVar("T")


def join(rows: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield rows with those of the same key next to each other, in the order of each key's first row.

    The rows are sorted on disk, in a database without a name that is deleted when it is closed; memory holds one row.

    Raises:
        Unavailable: the disk is full.
    """
    with closing(sqlite3.connect("", check_same_thread=False)) as database:
        try:
            database.execute("CREATE TABLE keys (key TEXT PRIMARY KEY, first INTEGER) WITHOUT ROWID")
            database.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, key TEXT, row BLOB)")
            for number, (key, row) in enumerate(rows):
                packed = pickle.dumps(row, pickle.HIGHEST_PROTOCOL)
                database.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (key, number))
                database.execute("INSERT INTO rows VALUES (?, ?, ?)", (number, key, packed))
            ordered = database.execute(
                "SELECT key, row FROM rows JOIN keys USING (key) ORDER BY keys.first, rows.number"
            )
            for key, packed in ordered:
                yield key, pickle.loads(packed)  # noqa: S301 - written above, into a file without a name
        except sqlite3.Error as error:
            raise Unavailable("There is not enough disk space to sort the file; try again later") from error
