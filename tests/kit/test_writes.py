"""Writes of several modules are sent as one statement; the first with a wrong row count rejects all of them."""

import pytest

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Conflict
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.writes import compose, write


class TooFew(Conflict):
    code = "tests.too_few"


class AlsoTooFew(Conflict):
    code = "tests.also_too_few"


def position(tenant: Tenancy, listener: str, sequence: int) -> tuple[object, ...]:
    return (tenant.id, listener, sequence)


INSERT = "INSERT INTO kit_positions (tenant_id, listener, sequence) VALUES ($1, $2, $3)"
UPDATE = "UPDATE kit_positions SET sequence = $3 WHERE tenant_id = $1 AND listener = $2"


def test_parameters_of_later_writes_are_renumbered() -> None:
    statement, parameters = compose(
        [write("DELETE FROM a WHERE b = $1 AND c = $2", 1, 2), write("DELETE FROM d WHERE e = $1", 3)]
    )
    assert "e = $3" in statement
    assert parameters == [1, 2, 3, [-1, -1]]


async def test_all_writes_take_effect_together(database: Database, tenant: Tenancy, admin: Principal) -> None:
    async with database.begin(tenant, admin) as tx:
        tx.write(write(INSERT, *position(tenant, "a", 1)), write(INSERT, *position(tenant, "b", 2)))
    async with database.begin(tenant, admin) as tx:
        assert await tx.fetchval("SELECT sum(sequence)::int FROM kit_positions") == 3


async def test_the_first_write_with_a_wrong_row_count_rejects_all(
    database: Database, tenant: Tenancy, admin: Principal
) -> None:
    with pytest.raises(TooFew):
        async with database.begin(tenant, admin) as tx:
            tx.write(
                write(INSERT, *position(tenant, "a", 1)),
                write(UPDATE, *position(tenant, "nobody", 1), rows=1, otherwise=TooFew),
                write(UPDATE, *position(tenant, "nobody either", 1), rows=1, otherwise=AlsoTooFew),
            )
    async with database.begin(tenant, admin) as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit_positions") == 0


async def test_no_row_of_another_tenant_is_seen_without_any_filter(
    database: Database, tenant: Tenancy, other_tenant: Tenancy, admin: Principal
) -> None:
    async with database.begin(tenant, admin) as tx:
        tx.write(write(INSERT, *position(tenant, "mine", 1)))
    async with database.begin(other_tenant, admin) as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit_positions") == 0
