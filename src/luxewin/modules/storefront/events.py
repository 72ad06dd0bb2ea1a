"""Domain events of the storefront: the progress of work that is too large for one transaction.

The handler of such an event does the next batch, so that work continues where it ended, on whatever worker. The
aggregate of the events is the work: its id is that of the event that caused it, its version the number of batches done.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorPartlyIndexed(DomainEvent):
    """A batch of a vendor's products was indexed under its current name, up to this product; older ones follow."""

    type: ClassVar[str] = "storefront.vendor_partly_indexed"

    vendor_id: UUID
    product_id: UUID
    product_created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPartlyIndexed(DomainEvent):
    """A batch of a category's products was indexed under its current path, up to this product; higher ids follow."""

    type: ClassVar[str] = "storefront.category_partly_indexed"

    category_id: UUID
    product_id: UUID
