"""Product types: the attributes of a product beyond its name and price."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.modules.catalog.domain.attributes import Attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductType:
    """A kind of product, and the attributes that it declares."""

    id: UUID
    name: str
    attributes: tuple[Attribute, ...]
    created_at: datetime
    updated_at: datetime
    version: int
