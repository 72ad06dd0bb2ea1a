"""The payment gateways that are enabled, opened for the processes that call them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx2

from luxewin.kit.jobs import Job
from luxewin.modules.payments.gateways.call_metrics import show_webhook_counters
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.gateways.provider import OpenedGateway
from luxewin.modules.payments.gateways.registry import gateway_provider
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.settings import enabled_gateways
from luxewin.runtime.installation import Installation

_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class OpenGateways:
    """The enabled gateways, open; `offered` calls each with a timeout and behind a circuit breaker."""

    offered: Gateways
    opened: Sequence[OpenedGateway]

    def jobs(self, base_url: str) -> list[Job]:
        """Return the jobs that the gateways have for the worker of an API at this base URL."""
        return [job for gateway in self.opened for job in gateway.jobs(base_url)]


class _SharedClient:
    """Returns one HTTP client, created by the first call."""

    def __init__(self) -> None:
        self._client: httpx2.AsyncClient | None = None

    def __call__(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS)
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


@asynccontextmanager
async def open_gateways(installation: Installation) -> AsyncIterator[OpenGateways]:
    """Open the enabled gateways, and close them at the end."""
    async with AsyncExitStack() as stack:
        opened: list[OpenedGateway] = []
        http_client = _SharedClient()
        stack.push_async_callback(http_client.close)
        for name in enabled_gateways(installation.settings):
            gateway = gateway_provider(name).open(installation, http_client)
            show_webhook_counters(name)
            opened.append(await stack.enter_async_context(gateway))
        yield OpenGateways(Gateways(ResilientGateway(one.gateway) for one in opened), opened)
