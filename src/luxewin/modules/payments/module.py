"""What the module brings to the program."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2

from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.proofs import Check
from luxewin.kit.services import Services
from luxewin.modules.payments.checks import find_disagreements
from luxewin.modules.payments.gateways.opening import OpenGateways, open_gateways
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.repository.invariants import INVARIANTS
from luxewin.modules.payments.routes import router
from luxewin.modules.payments.service.endpoints import EndpointSecrets
from luxewin.modules.payments.service.measuring import measure_unknown
from luxewin.runtime.installation import Installation
from luxewin.runtime.own_address import OwnAddress


@asynccontextmanager
async def _open_gateways(services: Services) -> AsyncIterator[OpenGateways]:
    async with open_gateways(services[Installation]) as gateways:
        yield gateways


@asynccontextmanager
async def _gateways(services: Services) -> AsyncIterator[Gateways]:
    yield (await services.open(OpenGateways)).offered


@asynccontextmanager
async def _endpoint_secrets(services: Services) -> AsyncIterator[EndpointSecrets]:
    yield EndpointSecrets(services[Installation].secrets.master_key)


@asynccontextmanager
async def _http_client(_services: Services) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=5) as http:
        yield http


def _jobs(services: Services) -> Sequence[Job]:
    simulator, http = services[OpenGateways].simulator, services[httpx2.AsyncClient]
    if simulator is None:
        return []
    base_url = services[OwnAddress].base_url
    return [Job("simulated gateway", 0.25, lambda: simulator.deliver_due(http, base_url), quiet=True)]


MODULE = Module(
    tags={"payments": "Payments at payment gateways, and their webhooks."},
    routers=[router],
    services={
        OpenGateways: _open_gateways,
        Gateways: _gateways,
        EndpointSecrets: _endpoint_secrets,
        httpx2.AsyncClient: _http_client,
    },
    jobs=_jobs,
    invariants=INVARIANTS,
    checks=[
        Check("The books of every gateway equal our clearing accounts", find_disagreements, transient=True),
    ],
    append_only=["payments_events"],
    measurements=[measure_unknown],
)
