"""The unpaid orders of a person and of a network address."""

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.line_kinds.public import REFERENCES
from luxewin.modules.orders.domain.holds import BUDGET_WINDOW, Held

_OFFER = ", ".join(f"l.{reference}" for reference in REFERENCES)
_FOUND = (
    "SELECT o.id, o.status, o.placed_at, '{0}' AS scope FROM orders_orders o WHERE o.tenant_id = $1 AND {1}"
    " AND o.placed_at > kit_now() - $4::interval AND o.id <> $6"
    " AND o.payment_status IN ('unpaid', 'unknown', 'authorised')"
)
_HELD = {
    is_account: (
        f"WITH found AS MATERIALIZED ({_FOUND.format('person', f'o.{key} = $2')}"
        f" UNION ALL {_FOUND.format('address', 'o.address_bucket = $3')})"
        " SELECT scope, NULL::uuid AS offer_id, count(*) FILTER (WHERE status = 'pending_payment') AS open_orders,"
        " count(*) FILTER (WHERE placed_at > kit_now() - $5::interval) AS unpaid_orders, 0::bigint AS units"
        " FROM found GROUP BY scope UNION ALL"
        f" SELECT f.scope, coalesce({_OFFER}), 0, 0, sum(l.quantity) FROM found f JOIN orders_lines l"
        " ON l.tenant_id = $1 AND l.order_id = f.id WHERE f.status = 'pending_payment' GROUP BY 1, 2"
    )
    for is_account, key in {True: "user_id", False: "email_key"}.items()
}


async def lock_holder(tx: Transaction, *, person: UUID | str, address_bucket: int) -> None:
    """Serialise the unpaid orders of a person and of an address until the transaction ends.

    The query of what they hold must be a later statement: one that waited would not see what it waited for.
    """
    keys = sorted({f"hold {tx.tenant_id} {person}", f"hold {tx.tenant_id} {address_bucket}"})
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(k, 0)) FROM (SELECT unnest($1::text[]) AS k ORDER BY 1) AS k",
        keys,
    )


async def held(
    tx: Transaction, *, person: UUID | str, address_bucket: int, since: timedelta, but: UUID
) -> tuple[Held, Held]:
    """Return what a person and what an address holds, without the order `but`.

    `person` is the id of an account, or the key of a guest's e-mail address.
    """
    rows = await tx.fetch(
        _HELD[isinstance(person, UUID)], tx.tenant_id, person, address_bucket, since, BUDGET_WINDOW, but
    )
    counts: dict[str, Any] = {}
    units: dict[str, dict[UUID, int]] = defaultdict(dict)
    for row in rows:
        if row["offer_id"] is None:
            counts[row["scope"]] = {name: row[name] for name in ("open_orders", "unpaid_orders")}
        else:
            units[row["scope"]][row["offer_id"]] = int(row["units"])
    of_person, of_address = (Held(**counts.get(scope, {}), units=units[scope]) for scope in ("person", "address"))
    return of_person, of_address
