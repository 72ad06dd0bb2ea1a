"""What inventory refuses."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class SoldOut(Conflict):
    """Less is available than was asked for; `available` says how much, where it is known."""

    code = "inventory.sold_out"
    title = "Not enough units in stock"


class StockTaken(SoldOut):
    """Somebody else took the stock between our reading and our writing; a fresh reading may find it elsewhere."""

    retriable = True


class StockChanged(Conflict):
    """Somebody else changed the same stock at the same moment."""

    code = "inventory.changed"
    title = "Another request changed the stock at the same time; try again"
    retriable = True


class ReservationSettled(Conflict):
    """A reservation was consumed, released or expired by somebody else; a reservation ends once."""

    code = "inventory.reservation_settled"
    title = "The reservation was settled at the same time; try again"
    retriable = True


class StockReserved(Conflict):
    """The change would leave less on the shelf than is promised to buyers, or less than nothing."""

    code = "inventory.not_on_hand"
    title = "The available stock is too low: units are missing or reserved for orders"


class VariantUnknown(NotFound):
    """No stock is kept of such a variant."""

    code = "inventory.unknown_variant"
    title = "The variant does not exist"


class LocationUnknown(NotFound):
    """No such place, or none that is the default."""

    code = "inventory.unknown_location"
    title = "The location does not exist"


class LocationExists(Conflict):
    """A location's code is unique."""

    code = "inventory.location_exists"
    title = "A location with this code already exists"


class SameLocation(InvalidInput):
    """A transfer goes from one place to another."""

    code = "inventory.same_location"
    title = "A transfer needs two different locations"
