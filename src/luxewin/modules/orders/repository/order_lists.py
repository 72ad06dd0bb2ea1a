"""Pages of orders.

A statement is planned once for all values, so it must not depend on how many orders have a state. If a list is sorted
by another value than the time, or filters by two states, the orders of each state are first fetched by its index, up
to a limit. If they are few, only these are read; otherwise a scan in the order of the list soon fills the page.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.orders.domain.order_lists import OrderQuery, OrderSort, Position
from luxewin.modules.orders.domain.orders import LONGEST_NUMBER, Order
from luxewin.modules.orders.repository.order_rows import ORDER, order_of

_FEW = 2_000
_SORTED_BY = {
    sort: (column, "DESC" if sort.is_descending else "ASC", "<" if sort.is_descending else ">")
    for sort in OrderSort
    for column in [{"placed_at": "o.placed_at", "total": "o.total_minor", "number": "o.number"}[sort.value_name]]
}
_ORDERS_BY_ID = (
    "unnest({}::uuid[]) AS few(id) CROSS JOIN LATERAL"
    " (SELECT * FROM orders_orders o WHERE o.tenant_id = $1 AND o.id = few.id OFFSET 0) AS o"
)


class _Statement:
    """The conditions of a statement, all of which must hold, and its parameters; the first one is the tenant."""

    def __init__(self, tx: Transaction) -> None:
        self.parameters: list[Any] = [tx.tenant_id]
        self._conditions: list[str] = []

    def where(self, condition: str, *values: Any) -> None:
        """Add a condition with a `{}` for each value, unless a value is None."""
        if None not in values:
            self._conditions.append(condition.format(*map(self.bind, values)))

    def bind(self, value: Any) -> str:
        """Return the placeholder of a value."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    @property
    def conditions(self) -> str:
        """The conditions, each preceded by AND."""
        return "".join(f" AND {condition}" for condition in self._conditions)


async def page(tx: Transaction, query: OrderQuery, *, after: Position | None, limit: int) -> list[Order]:
    """Return a page of the tenant's orders, those after a position in the order of the query."""
    statement = _Statement(tx)
    few = await _few_orders(tx, query)
    orders = "orders_orders o" if few is None else _ORDERS_BY_ID.format(statement.bind(few))
    statement.where("o.user_id = {}", query.user_id)
    statement.where("o.status = {}", query.status)
    statement.where("o.payment_status = {}", query.payment_status)
    _where_placed(statement, query)
    if query.number is not None:
        # Numbers have ten digits and capital letters, of which Z is the last: this is the range of the prefix.
        statement.where("o.number BETWEEN {} AND {}", query.number, query.number.ljust(LONGEST_NUMBER, "Z"))
    if query.buyers is not None:
        accounts = [query.buyers.user_id] if query.buyers.user_id else []
        statement.where("(o.email_key = {} OR o.user_id = ANY ({}::uuid[]))", query.buyers.email_key, accounts)
    column, direction, comparison = _SORTED_BY[query.sort]
    if after is not None:
        statement.where(f"({column}, o.id) {comparison} ({{}}, {{}})", *after)
    rows = await tx.fetch(
        f"SELECT {ORDER} FROM {orders} WHERE o.tenant_id = $1{statement.conditions}"
        f" ORDER BY {column} {direction}, o.id {direction} LIMIT {statement.bind(limit)}",
        *statement.parameters,
    )
    return [order_of(row) for row in rows]


async def vendor_page(
    tx: Transaction, vendor_id: UUID, *, status: str | None, before: UUID | None, limit: int
) -> list[Order]:
    """Return a page of the orders that were paid and contain lines of a vendor, newest first."""
    sold, paid = _Statement(tx), "o.payment_status NOT IN ('unpaid', 'unknown', 'authorised')"
    sold.where("l.vendor_id = {}", vendor_id)
    sold.where("l.order_id < {}", before)
    if status is not None:
        sold.where("l.order_id = ANY ({}::uuid[])", await _ids_if_few(tx, OrderQuery(), "status", status))
        paid += f" AND o.status = {sold.bind(status)}"
    rows = await tx.fetch(
        f"SELECT {ORDER} FROM (SELECT DISTINCT l.order_id FROM orders_lines l WHERE l.tenant_id = $1{sold.conditions}"
        " ORDER BY l.order_id DESC OFFSET 0) AS s CROSS JOIN LATERAL (SELECT * FROM orders_orders o"
        f" WHERE o.tenant_id = $1 AND o.id = s.order_id AND {paid} OFFSET 0) AS o"
        f" ORDER BY s.order_id DESC LIMIT {sold.bind(limit)}",
        *sold.parameters,
    )
    return [order_of(row) for row in rows]


async def _few_orders(tx: Transaction, query: OrderQuery) -> Sequence[UUID] | None:
    """Return the orders that one of the filters leaves, if these are few; None if nothing is gained by it."""
    if query.user_id is not None or query.buyers is not None or query.number is not None:
        return None
    states = {"status": query.status, "payment_status": query.payment_status}
    given = [(column, value) for column, value in states.items() if value is not None]
    is_by_time = query.sort.value_name == "placed_at"
    if is_by_time and len(given) < len(states):
        return None
    for column, value in given:
        if (ids := await _ids_if_few(tx, query, column, value)) is not None:
            return ids
    if given or (query.placed_from is None and query.placed_to is None):
        return None
    return await _ids_if_few(tx, query)


async def _ids_if_few(
    tx: Transaction, query: OrderQuery, column: str | None = None, value: str | None = None
) -> Sequence[UUID] | None:
    """Return the orders of a time, and of a state if one is given; None if they are many."""
    statement = _Statement(tx)
    if column is not None:
        statement.where(f"o.{column} = {{}}", value)
    _where_placed(statement, query)
    rows = await tx.fetch(
        f"SELECT o.id FROM orders_orders o WHERE o.tenant_id = $1{statement.conditions}"
        f" ORDER BY o.placed_at DESC, o.id DESC LIMIT {_FEW + 1}",
        *statement.parameters,
    )
    return [row["id"] for row in rows] if len(rows) <= _FEW else None


def _where_placed(statement: _Statement, query: OrderQuery) -> None:
    statement.where("o.placed_at >= {}", query.placed_from)
    statement.where("o.placed_at < {}", query.placed_to)
