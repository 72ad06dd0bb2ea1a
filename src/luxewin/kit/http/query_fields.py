"""Shared types of the query parameters of lists, for lists that read all parameters as one model."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from luxewin.kit.http.fields import ShortText
from luxewin.kit.http.paging import PageQuery
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT

LONGEST_CURSOR = 4_000
"""A cursor contains a name if the list is sorted by name."""

_DIGITS = re.compile(r"[0-9]{1,16}")


def parse_integer(text: Any) -> Any:
    """Refuse a text that is not a whole number in digits; for a `BeforeValidator`."""
    if isinstance(text, str) and not _DIGITS.fullmatch(text):
        raise ValueError("must be a whole number in digits")
    return text


def absent_if_blank(text: Any) -> Any:
    """Return None for a text without content; for a `BeforeValidator`."""
    return None if isinstance(text, str) and not text.strip() else text


OptionalFilter = Annotated[ShortText | None, BeforeValidator(absent_if_blank)]
"""A filter without a value does not filter: forms send fields that were left empty."""
Limit = Annotated[int, Field(ge=1, le=LARGEST_LIMIT), BeforeValidator(parse_integer)]
Cursor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_CURSOR),
    Pattern(r"^[A-Za-z0-9_-]+$", "must be the `next_cursor` of the page before"),
]


class ListQuery(BaseModel):
    """The parameters of a list; unknown ones are rejected: a misspelt filter would not filter."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = Field(None, description="`next_cursor` of the page before; fits only the same list")

    @property
    def paging(self) -> PageQuery:
        """The requested page."""
        return PageQuery(self.limit, self.cursor)
