"""Lists of orders: their filters and their order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.modules.orders.domain.orders import Order, OrderStatus

Position = tuple[Any, UUID]
"""The place of an order in a list: the value that is sorted by, and the id."""


class OrderSort(StrEnum):
    """The order of a list of orders; `-` means descending."""

    NEWEST = "-placed_at"
    OLDEST = "placed_at"
    HIGHEST_TOTAL = "-total"
    LOWEST_TOTAL = "total"
    NUMBER = "number"
    NUMBER_DESCENDING = "-number"

    @property
    def is_descending(self) -> bool:
        """True if the largest value comes first."""
        return self.value.startswith("-")

    @property
    def value_name(self) -> str:
        """The name of the value that is sorted by: `placed_at`, `total` or `number`."""
        return self.value.removeprefix("-")

    @property
    def value_type(self) -> type[Any]:
        """The type of that value in a cursor."""
        return {"placed_at": datetime, "total": int, "number": str}[self.value_name]

    def position_of(self, order: Order) -> Position:
        """Return the position of an order in a list that is sorted like this."""
        values = {"placed_at": order.placed_at, "total": order.totals.total.minor, "number": order.number}
        return values[self.value_name], order.id


@dataclass(frozen=True, slots=True)
class Buyers:
    """The buyers with one email address: guests, by the key of their address, and the account that has it."""

    email_key: str
    user_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """The filters of a list of orders, and its order; a filter that is None does not filter.

    `number` is the beginning of a number, in upper case. Orders are placed at or after `placed_from`, and before
    `placed_to`.
    """

    user_id: UUID | None = None
    status: OrderStatus | None = None
    payment_status: str | None = None
    number: str | None = None
    buyers: Buyers | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    sort: OrderSort = OrderSort.NEWEST
