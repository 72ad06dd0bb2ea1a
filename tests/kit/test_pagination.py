"""A cursor fits the list it was made for, and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.ids import new_id
from luxewin.kit.pagination import Cursors, InvalidCursor

CURSORS = Cursors(b"k" * 32)
TENANT = new_id()


def test_a_cursor_returns_its_position() -> None:
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
def test_whatever_is_sent_as_a_cursor_is_refused_as_one(text: str) -> None:
    with pytest.raises(InvalidCursor):
        CURSORS.read(text, tenant_id=TENANT, listing="kettles")
