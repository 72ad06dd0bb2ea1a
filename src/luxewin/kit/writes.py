"""Writes are values: each module says what it wants written, the transaction writes it all in one statement.

One data-modifying statement saves a round trip per write without tearing down the walls between modules: every module
still owns its SQL. All parts see one snapshot, so no two writes of one batch may touch the same row.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from luxewin.kit.errors import DomainError

_PARAMETER = re.compile(r"\$(\d+)")
_ANY_NUMBER_OF_ROWS = -1
_MOST_STATEMENTS = 300
REFUSED_SQLSTATE = "LW001"
"""What `kit_demand` raises; its message is the place of the first write that touched too few rows."""


@dataclass(frozen=True, slots=True)
class Write:
    """An INSERT, UPDATE or DELETE of a module's own tables, without RETURNING.

    `rows` is the number of rows it must touch (None: any number); if it touches another number, the whole transaction
    is refused with `otherwise`. Lists travel as arrays through `unnest`, so that the text stays the same and prepared.
    """

    sql: str
    parameters: Sequence[Any]
    rows: int | None = None
    otherwise: type[DomainError] | DomainError | None = None

    def __post_init__(self) -> None:
        if (self.rows is None) != (self.otherwise is None):
            raise ValueError("a write that demands rows names its refusal, and only such a write")


def write(
    sql: str, *parameters: Any, rows: int | None = None, otherwise: type[DomainError] | DomainError | None = None
) -> Write:
    """Build a `Write` from its parameters in order."""
    return Write(sql, parameters, rows, otherwise)


def compose(writes: Sequence[Write]) -> tuple[str, list[Any]]:
    """Join writes into one statement of CTEs whose last step demands the row counts, in order."""
    parameters = [parameter for part in writes for parameter in part.parameters]
    parameters.append([_ANY_NUMBER_OF_ROWS if part.rows is None else part.rows for part in writes])
    return _statement(tuple((part.sql, len(part.parameters)) for part in writes)), parameters


def error_of(writes: Sequence[Write], place: int) -> DomainError:
    """Return the refusal of the write at `place`, ready to raise."""
    otherwise = writes[place].otherwise
    if otherwise is None:
        raise ValueError(f"write {place} demands nothing")
    return otherwise if isinstance(otherwise, DomainError) else otherwise()


@lru_cache(maxsize=_MOST_STATEMENTS)
def _statement(parts: tuple[tuple[str, int], ...]) -> str:
    """Return the statement of these texts, each with the number of its parameters; a use case writes the same ones."""
    joined = []
    before = 0
    for place, (sql, count) in enumerate(parts):
        joined.append(f"w{place} AS ({_shifted(sql, by=before)} RETURNING 1)")
        before += count
    counts = ", ".join(f"(SELECT count(*) FROM w{place})" for place in range(len(parts)))
    return f"WITH {', '.join(joined)} SELECT kit_demand(ARRAY[{counts}], ${before + 1}::bigint[])"


def _shifted(sql: str, *, by: int) -> str:
    return _PARAMETER.sub(lambda match: f"${int(match[1]) + by}", sql) if by else sql
