"""The settings of the payment simulator."""

from typing import ClassVar

from luxewin.kit.variables import variable
from luxewin.modules.payments.gateways.gateway_settings import GatewaySettings


class SimulatorSettings(GatewaySettings):
    """Its connections to the database; its money is not real, so that production does not offer it."""

    for_production: ClassVar[bool] = False

    pool_size: int = variable(
        "LUXEWIN_SIMULATOR_POOL_SIZE",
        8,
        meaning="Most connections to the database that one process keeps open for the payment simulator.",
        remedy="give a whole number from 1 to 100",
        ge=1,
        le=100,
    )


SETTINGS = SimulatorSettings
