"""A cursor is valid for its own list only, and pages contain every row once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.ids import new_id
from luxewin.kit.pagination import BY_ID, BY_TIME, Cursors, InvalidCursor, Keyset, Listing, keyset

CURSORS = Cursors(b"k" * 32)
TENANT = new_id()
AT, ID = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC), UUID("0199a1b2-7c00-7000-8000-000000000001")


def _kettles(sort: Keyset[Any]) -> Listing[Any]:
    return Listing(cursors=CURSORS, tenant_id=TENANT, name="kettles", keyset=sort)


def test_a_cursor_holds_the_position_that_was_signed() -> None:
    cursor = CURSORS.sign(["2026-11-20T12:00:00Z", 5], tenant_id=TENANT, listing="kettles")
    assert CURSORS.read(cursor, tenant_id=TENANT, listing="kettles") == ["2026-11-20T12:00:00Z", 5]


@pytest.mark.parametrize(
    ("cursors", "tenant", "listing"),
    [(Cursors(b"j" * 32), TENANT, "kettles"), (CURSORS, new_id(), "kettles"), (CURSORS, TENANT, "pans")],
)
def test_a_cursor_of_another_key_tenant_or_list_is_refused(cursors: Cursors, tenant: object, listing: str) -> None:
    cursor = CURSORS.sign([1], tenant_id=TENANT, listing="kettles")
    with pytest.raises(InvalidCursor):
        cursors.read(cursor, tenant_id=tenant, listing=listing)  # type: ignore[arg-type]  # UUIDs, as parametrised


@given(st.text(max_size=80))
def test_a_text_that_is_not_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.read(text, tenant_id=TENANT, listing="kettles")


@pytest.mark.parametrize(
    ("sort", "position"),
    [
        (BY_TIME, (AT, ID)),
        (BY_ID, ID),
        (keyset(int), 7),
        (keyset(int, str), (7, "seven")),
        (keyset(str, UUID), ("", ID)),
    ],
)
def test_a_position_is_read_back_with_its_types(sort: Keyset[Any], position: Any) -> None:
    listing = _kettles(sort)
    rows, cursor = listing.split([position, position], limit=1, key=lambda row: row)
    assert rows == [position]
    assert listing.position(cursor) == position


@pytest.mark.parametrize(
    ("sort", "signed"),
    [
        (BY_TIME, []),
        (BY_TIME, [AT]),
        (BY_TIME, [AT, ID, 1]),
        (BY_TIME, [ID, AT]),
        (BY_TIME, ["yesterday", ID]),
        (BY_ID, [7]),
        (BY_ID, ["7"]),
        (keyset(int), ["7"]),
        (keyset(int), [True]),
        (keyset(str), [7]),
        (keyset(str), [None]),
    ],
)
def test_a_signed_cursor_with_values_of_other_types_is_refused(sort: Keyset[Any], signed: Sequence[Any]) -> None:
    cursor = CURSORS.sign(signed, tenant_id=TENANT, listing="kettles")
    with pytest.raises(InvalidCursor):
        _kettles(sort).position(cursor)


@pytest.mark.parametrize("cursor", [None, ""])
def test_a_list_without_a_cursor_starts_at_its_first_row(cursor: str | None) -> None:
    assert _kettles(BY_ID).position(cursor) is None


@given(st.lists(st.integers(-(2**53), 2**53), max_size=30, unique=True), st.integers(1, 10))
def test_pages_hold_every_row_once_and_only_the_last_has_no_cursor(numbers: list[int], limit: int) -> None:
    listing, numbers = _kettles(keyset(int)), sorted(numbers)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        after = listing.position(cursor)
        found = [number for number in numbers if after is None or number > after][: limit + 1]
        rows, cursor = listing.split(found, limit=limit, key=lambda number: number)
        assert len(rows) <= limit
        seen += rows
        if cursor is None:
            break
        assert len(rows) == limit
    assert seen == numbers
