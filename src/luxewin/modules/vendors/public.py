"""The public API of `vendors`.

Other modules' queries may join the view `vendors_v_vendors` (tenant_id, id, slug, name, status).
"""

from collections.abc import Collection
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.vendors import repository
from luxewin.modules.vendors.domain import LONGEST_NAME, Vendor, VendorStatus
from luxewin.modules.vendors.errors import VendorUnknown
from luxewin.modules.vendors.service import ensure, find_named

__all__ = [
    "LONGEST_NAME",
    "Vendor",
    "VendorStatus",
    "VendorUnknown",
    "ensure",
    "find_named",
    "find_vendors",
    "vendor_of",
]


async def find_vendors(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Vendor]:
    """Return the vendors with these ids, by id."""
    return await repository.with_ids(tx, ids) if ids else {}


async def vendor_of(tx: Transaction, user_id: UUID) -> UUID | None:
    """Return the vendor that an account is a member of, or None."""
    return await repository.vendor_of(tx, user_id)
