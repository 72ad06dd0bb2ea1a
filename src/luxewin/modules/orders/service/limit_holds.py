"""Limiting what an order reserves before it is paid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.public import email_key
from luxewin.modules.line_kinds.public import Buyer, QuotedLine
from luxewin.modules.orders.domain.holds import HoldLimits, HoldPolicy, ScopeLimits, expiry_of
from luxewin.modules.orders.domain.orders import Order
from luxewin.modules.orders.repository import holds
from luxewin.modules.tenants.public import Setting, number_setting


def hold_limits(settings: Mapping[str, Setting]) -> HoldLimits:
    """Return the limits of a tenant with these settings."""

    def minutes(name: str) -> timedelta:
        return timedelta(minutes=number_setting(settings, name))

    def scope(name: str) -> ScopeLimits:
        return ScopeLimits(
            name=name,
            open_orders=number_setting(settings, f"holds.orders_per_{name}"),
            unpaid_orders=number_setting(settings, f"holds.unpaid_per_{name}"),
            share=number_setting(settings, f"holds.share_per_{name}"),
        )

    return HoldLimits(
        window=minutes("holds.minutes"),
        limited_sale_window=minutes("holds.limited_sale_minutes"),
        closing=minutes("holds.closing_minutes"),
        free_units=number_setting(settings, "holds.free_units"),
        person=scope("person"),
        address=scope("address"),
    )


async def serialise_holds(tx: Transaction, buyer: Buyer, email: str | None, policy: HoldPolicy | None) -> None:
    """Let the unpaid orders of a buyer and of an address follow each other; what is left must be read afterwards.

    Orders with a payment are counted without a lock, which would delay all buyers of one address; those that run at the
    same time cannot hold more than what is left, for minutes.
    """
    if policy is not None and not policy.pays_now:
        person = _person(buyer.user_id, email)
        await holds.lock_holder(tx, person=person, address_bucket=policy.address_bucket)


async def limit_hold(tx: Transaction, order: Order, quoted: Sequence[QuotedLine], policy: HoldPolicy | None) -> Order:
    """Return a new order with the time until which it may be paid; an order that costs nothing is not limited.

    Raises:
        TooManyUnpaidOrders, HoldTooLarge, PayAtOnce: its buyer, or their address, holds too much already.
    """
    if policy is None or order.totals.total.minor == 0:
        return order
    person = _person(order.user_id, order.email)
    bucket = policy.address_bucket
    of_person, of_address = await holds.held(
        tx, person=person, address_bucket=bucket, since=policy.counted_since, but=order.id
    )
    expires_at = expiry_of(policy, quoted, person=of_person, address=of_address, now=order.placed_at)
    return replace(order, expires_at=expires_at, address_bucket=bucket)


def _person(user_id: UUID | None, email: str | None) -> UUID | str:
    """Return the id of an account, or the key of a guest's e-mail address."""
    return user_id or email_key(email or "")
