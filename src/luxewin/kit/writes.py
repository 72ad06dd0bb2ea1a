"""Writes are values: modules return them, and the transaction sends all of them in one statement.

A single data-modifying statement saves a round trip per write, and each module still owns its SQL. All writes of a
statement see the same snapshot, so no two of them may change the same row.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from luxewin.kit.errors import DomainError

_PARAMETER = re.compile(r"\$(\d+)")
_ANY_NUMBER_OF_ROWS = -1
_CACHED_STATEMENTS = 300
REFUSED_SQLSTATE = "LW001"
"""Raised by `kit_demand`; its message is the index of the first write that affected a wrong number of rows."""


@dataclass(frozen=True, slots=True)
class Write:
    """An INSERT, UPDATE or DELETE of a module's own tables, without RETURNING.

    `rows` is the number of rows that it must affect (None: any number); with another number the whole transaction fails
    with the error `otherwise`. Lists are passed as arrays through `unnest`, so that the statement text stays the same.
    """

    sql: str
    parameters: Sequence[Any]
    rows: int | None = None
    otherwise: type[DomainError] | DomainError | None = None

    def __post_init__(self) -> None:
        if (self.rows is None) != (self.otherwise is None):
            raise ValueError("rows and otherwise must be given together")


def write(
    sql: str, *parameters: Any, rows: int | None = None, otherwise: type[DomainError] | DomainError | None = None
) -> Write:
    """Build a `Write` from its parameters, in order."""
    return Write(sql, parameters, rows, otherwise)


def compose(writes: Sequence[Write]) -> tuple[str, list[Any]]:
    """Compose writes into one statement of CTEs, whose last step checks the row counts in order."""
    parameters = [parameter for part in writes for parameter in part.parameters]
    parameters.append([_ANY_NUMBER_OF_ROWS if part.rows is None else part.rows for part in writes])
    return _statement(tuple((part.sql, len(part.parameters)) for part in writes)), parameters


def error_of(writes: Sequence[Write], index: int) -> DomainError:
    """Return the error of the write at an index, ready to raise."""
    otherwise = writes[index].otherwise
    if otherwise is None:
        raise ValueError(f"write {index} has no error")
    return otherwise if isinstance(otherwise, DomainError) else otherwise()


@lru_cache(maxsize=_CACHED_STATEMENTS)
def _statement(parts: tuple[tuple[str, int], ...]) -> str:
    """Return the statement for these SQL texts, each with the number of its parameters; cached, since they recur."""
    expressions = []
    before = 0
    for index, (sql, count) in enumerate(parts):
        expressions.append(f"w{index} AS ({_shift(sql, by=before)} RETURNING 1)")
        before += count
    counts = ", ".join(f"(SELECT count(*) FROM w{index})" for index in range(len(parts)))
    return f"WITH {', '.join(expressions)} SELECT kit_demand(ARRAY[{counts}], ${before + 1}::bigint[])"


def _shift(sql: str, *, by: int) -> str:
    return _PARAMETER.sub(lambda match: f"${int(match[1]) + by}", sql) if by else sql
