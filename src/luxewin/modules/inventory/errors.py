"""The errors of inventory."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class SoldOut(Conflict):
    """Fewer units are available than requested; `available` is the number of available units, if known."""

    code = "inventory.sold_out"
    title = "Not enough units in stock"


class StockTaken(SoldOut):
    """Another transaction took the stock between reading and writing; a retry may find it at another location."""

    retriable = True


class StockChanged(Conflict):
    """Another transaction changed the same stock at the same time."""

    code = "inventory.changed"
    title = "Another request changed the stock at the same time; try again"
    retriable = True


class ReservationSettled(Conflict):
    """Another transaction consumed, released or expired the reservation; a reservation ends once."""

    code = "inventory.reservation_settled"
    title = "The reservation was settled at the same time; try again"
    retriable = True


class StockReserved(Conflict):
    """The change would leave less on hand than is reserved, or less than zero."""

    code = "inventory.not_on_hand"
    title = "The available stock is too low: units are missing or reserved for orders"


class VariantUnknown(NotFound):
    """The variant has no stock record."""

    code = "inventory.unknown_variant"
    title = "The variant does not exist"


class LocationUnknown(NotFound):
    """There is no such location, or no default location."""

    code = "inventory.unknown_location"
    title = "The location does not exist"


class LocationExists(Conflict):
    """A location's code is unique."""

    code = "inventory.location_exists"
    title = "A location with this code already exists"


class SameLocation(InvalidInput):
    """A transfer needs two different locations."""

    code = "inventory.same_location"
    title = "A transfer needs two different locations"
