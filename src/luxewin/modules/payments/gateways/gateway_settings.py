"""The base class of the settings of payment gateways."""

from collections.abc import Iterator
from typing import ClassVar

from luxewin.kit.variables import Group


class GatewaySettings(Group):
    """The variables of one payment gateway; each begins with `LUXEWIN_` and the gateway's name.

    Every variable has a default, since the gateway may not be enabled; `missing` names those that it needs if it is.
    """

    for_production: ClassVar[bool]
    """True if the gateway may be offered in production; False if its money is not real."""

    def missing(self) -> Iterator[str]:
        """Yield one line, with the remedy, for each variable that an enabled gateway needs and that is not set."""
        yield from ()
