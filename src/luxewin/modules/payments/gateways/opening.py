"""The payment gateways that are enabled, opened for the processes that call them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from luxewin.kit.jobs import Job
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.gateways.provider import OpenedGateway
from luxewin.modules.payments.gateways.registry import gateway_provider
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.settings import enabled_gateways
from luxewin.runtime.installation import Installation


@dataclass(frozen=True, slots=True)
class OpenGateways:
    """The enabled gateways, open; `offered` calls each with a timeout and behind a circuit breaker."""

    offered: Gateways
    opened: Sequence[OpenedGateway]

    def jobs(self, base_url: str) -> list[Job]:
        """Return the jobs that the gateways have for the worker of an API at this base URL."""
        return [job for gateway in self.opened for job in gateway.jobs(base_url)]


@asynccontextmanager
async def open_gateways(installation: Installation) -> AsyncIterator[OpenGateways]:
    """Open the enabled gateways, and close them at the end."""
    async with AsyncExitStack() as stack:
        opened: list[OpenedGateway] = []
        if providers := [gateway_provider(name) for name in enabled_gateways(installation.settings)]:
            http_client = await stack.enter_async_context(httpx.AsyncClient(timeout=5))
            opened += [await stack.enter_async_context(one.open(installation, http_client)) for one in providers]
        yield OpenGateways(Gateways(ResilientGateway(one.gateway) for one in opened), opened)
