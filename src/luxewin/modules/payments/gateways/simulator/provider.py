"""The provider of the payment simulator, and its job, which delivers its webhooks."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from luxewin.kit.jobs import Job
from luxewin.modules.payments.gateways.provider import (
    GatewayProvider,
    HttpClient,
    OpenedGateway,
    SandboxTokens,
)
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.gateways.simulator.settings import SimulatorSettings
from luxewin.runtime.installation import Installation

_DELIVER_EVERY_SECONDS = 0.25


@asynccontextmanager
async def _open(installation: Installation, http_client: HttpClient) -> AsyncIterator[OpenedGateway]:
    size = installation.settings.of(SimulatorSettings).pool_size
    simulator = await Simulator.open(installation.role("simulator"), size=size)

    def jobs(base_url: str) -> Sequence[Job]:
        async def deliver() -> None:
            await simulator.deliver_due(http_client(), base_url)

        return [Job("simulated gateway", _DELIVER_EVERY_SECONDS, deliver, quiet=True)]

    try:
        yield OpenedGateway(simulator, jobs)
    finally:
        await simulator.close()


PROVIDER = GatewayProvider(
    name=Simulator.name,
    open=_open,
    sandbox=SandboxTokens(accepted="tok_visa", declined="tok_declined", requires_action="tok_3ds"),
)
