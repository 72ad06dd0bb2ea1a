"""The domain events of inventory."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityChanged(DomainEvent):
    """A variant came into stock or went out of stock.

    The aggregate is the variant. The event is written by a trigger in the database (see `models`), because only under
    the lock of the stock row is it known whether this change was the one that crossed zero.
    """

    type: ClassVar[str] = "inventory.stock_flipped"

    variant_id: UUID
    in_stock: bool
