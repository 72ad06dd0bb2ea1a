"""Limits of what buyers reserve without paying, per person, per network address, and as a share of what is left."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from luxewin.modules.orders.errors import HoldTooLarge, PayAtOnce, TooManyUnpaidOrders

BUDGET_WINDOW = timedelta(hours=1)
"""The time over which unpaid orders are counted, whether they are open, expired or cancelled."""

LARGE_ORDERS = 3
"""Unpaid orders in the window after which an order above the share is refused, even with a payment."""

LARGE_ORDER_WINDOW = timedelta(minutes=5)
LAST_WINDOW = timedelta(minutes=2)
"""The time to finish a payment that was begun with an order above the share, or shortly before the sale closes."""

_BUCKET_BYTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLimits:
    """The limits of one person, or of all buyers at one network address; `share` is in percent of what is left."""

    name: str
    open_orders: int
    unpaid_orders: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLimits:
    """The limits of a tenant."""

    window: timedelta
    limited_sale_window: timedelta
    closing: timedelta
    free_units: int
    person: ScopeLimits
    address: ScopeLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPolicy:
    """The limits of an order; `address_bucket` stands for its network address, `pays_now` if it has a payment."""

    limits: HoldLimits
    address_bucket: int
    pays_now: bool

    @property
    def counted_since(self) -> timedelta:
        """How long ago an order may have been placed that counts; every open order does."""
        return max(BUDGET_WINDOW, self.limits.window, self.limits.limited_sale_window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The unpaid orders of a person or an address: open ones, those of the last hour, and open units by offer."""

    open_orders: int = 0
    unpaid_orders: int = 0
    units: Mapping[UUID, int] = field(default_factory=dict)


class HeldLine(Protocol):
    """The part of an order line that the limits depend on."""

    @property
    def offer_id(self) -> UUID:
        """The id of the offer."""

    @property
    def name(self) -> str:
        """The name of the offer."""

    @property
    def quantity(self) -> int:
        """The number of units."""

    @property
    def left(self) -> int | None:
        """The units that were available when the line was quoted; None for an offer without a limit."""

    @property
    def sale(self) -> tuple[datetime, datetime] | None:
        """When the sale of the offer began and when it closes; None if it does not close."""


def address_bucket(tenant_id: UUID, address: str) -> int:
    """Return a number for a network address that does not reveal it: some hundred addresses share each number."""
    digest = hashlib.sha256(tenant_id.bytes + address.encode()).digest()
    return int.from_bytes(digest[:_BUCKET_BYTES], "big")


def expiry_of(policy: HoldPolicy, lines: Sequence[HeldLine], *, person: Held, address: Held, now: datetime) -> datetime:
    """Return when an order with these lines expires if it is not paid.

    Raises:
        TooManyUnpaidOrders, HoldTooLarge, PayAtOnce: it may not be reserved; the error says what the buyer can do.
    """
    limits = policy.limits
    scopes = ((limits.person, person), (limits.address, address))
    for scope, held in scopes:
        _must_have_budget(scope, held, pays_now=policy.pays_now)
    sales = [line.sale for line in lines if line.sale is not None]
    ends = [closes - min(limits.closing, (closes - begins) / 10) for begins, closes in sales]
    window = limits.limited_sale_window if sales else limits.window
    is_closing = bool(ends) and min(ends) <= now
    if is_closing and not policy.pays_now:
        raise PayAtOnce(closes_at=min(closes for _, closes in sales))
    too_large = [error for line in lines for scope, held in scopes if (error := _error_of(limits, scope, held, line))]
    if too_large:
        failed = max(person.unpaid_orders, address.unpaid_orders)
        if not policy.pays_now or is_closing or failed >= LARGE_ORDERS:
            raise too_large[0]
        window = min(window, LARGE_ORDER_WINDOW)
    if is_closing:
        return min(now + LAST_WINDOW, *(closes for _, closes in sales))
    return min([now + window, *ends])


def _must_have_budget(scope: ScopeLimits, held: Held, *, pays_now: bool) -> None:
    if held.open_orders >= scope.open_orders and not pays_now:
        raise TooManyUnpaidOrders(
            f"{held.open_orders} orders of this {scope.name} await their payment, and the shop allows"
            f" {scope.open_orders}; pay or cancel one of them, or send a `payment` with the order",
            limit=scope.open_orders,
        )
    if held.unpaid_orders >= scope.unpaid_orders:
        raise TooManyUnpaidOrders(
            f"{held.unpaid_orders} orders of this {scope.name} were not paid within the last hour, and the shop allows"
            f" {scope.unpaid_orders}; pay one that is open, or try again later",
            limit=scope.unpaid_orders,
        )


def _error_of(limits: HoldLimits, scope: ScopeLimits, held: Held, line: HeldLine) -> HoldTooLarge | None:
    """Return the error of a line that would hold more than the scope's share; None if it would not."""
    if line.left is None:
        return None
    before = held.units.get(line.offer_id, 0)
    most = max(limits.free_units, (line.left + before) * scope.share // 100)
    if before + line.quantity <= most:
        return None
    return HoldTooLarge(
        f"Without a payment the shop reserves at most {most} units of {line.name} for this {scope.name}, {before} are"
        f" reserved already, and {line.quantity} were requested; order fewer, or send a `payment` with the order",
        offer_id=line.offer_id,
        limit=most,
        held=before,
    )
