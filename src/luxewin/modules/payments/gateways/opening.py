"""Which gateways this installation offers, and their connections, for the processes that speak to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from luxewin.modules.payments.gateways.guarded import Guarded
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.gateways.simulator import Simulator
from luxewin.runtime.installation import Installation


@dataclass(frozen=True, slots=True)
class OpenGateways:
    """The gateways, each behind its guard; `simulator` is the simulated one itself, where it is offered."""

    offered: Gateways
    simulator: Simulator | None


@asynccontextmanager
async def open_gateways(installation: Installation) -> AsyncIterator[OpenGateways]:
    """Open the gateways that are offered here, and close them at the end.

    The simulator is never offered in production: its money would buy real goods.
    """
    if installation.settings.is_production:
        yield OpenGateways(Gateways({}), None)
        return
    simulator = await Simulator.open(installation.role("simulator"))
    try:
        yield OpenGateways(Gateways({"simulator": Guarded(simulator)}), simulator)
    finally:
        await simulator.close()
