"""The errors of shipping."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class ShippingMethodUnknown(InvalidInput):
    """An order names a method that does not exist, or that is not offered."""

    code = "shipping.method_unknown"
    title = "There is no such shipping method"


class DestinationNotServed(InvalidInput):
    """No method goes to this country; or the one that was chosen does not."""

    code = "shipping.destination_not_served"
    title = "Nothing is shipped to this address in that way"


class MethodNotFound(NotFound):
    """Staff named a method that does not exist."""


class MethodExists(Conflict):
    """A method's code is unique."""

    code = "shipping.method_exists"
    title = "A shipping method with this code exists"


class MethodChanged(Conflict):
    """Another request changed the method at the same moment."""

    code = "shipping.method_changed"
    title = "The shipping method was changed at the same moment; try again"
    retriable = True


class CurrencyNotServed(InvalidInput):
    """A method's price is in the tenant's currency."""

    code = "shipping.currency"
    title = "The amount must be in the shop's currency"
