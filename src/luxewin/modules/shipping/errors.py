"""The errors of shipping."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class ShippingMethodUnknown(InvalidInput):
    """An order names a method that does not exist, or that is not offered."""

    code = "shipping.method_unknown"
    title = "The shipping method does not exist"


class DestinationNotServed(InvalidInput):
    """No method serves this country, or the chosen one does not."""

    code = "shipping.destination_not_served"
    title = "This shipping method does not serve the address; choose another method"


class MethodNotFound(NotFound):
    """Staff named a method that does not exist."""


class MethodExists(Conflict):
    """A method's code is unique."""

    code = "shipping.method_exists"
    title = "A shipping method with this code already exists"


class MethodChanged(Conflict):
    """Another request changed the method at the same time."""

    code = "shipping.method_changed"
    title = "Another request changed the shipping method at the same time; try again"
    retriable = True


class CurrencyNotServed(InvalidInput):
    """A method's price must be in the tenant's currency."""

    code = "shipping.currency"
    title = "The amount must be in the currency of the shop"
