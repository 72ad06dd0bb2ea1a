"""Collections: manually chosen products, in an order of their own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MOST_PRODUCTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection and its products, in their display order."""

    id: UUID
    slug: str
    name: str
    description: str
    product_ids: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime
    version: int
