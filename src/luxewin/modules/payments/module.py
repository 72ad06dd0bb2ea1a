"""The manifest of the module."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from luxewin.kit.invariant_checks import Check
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.payments.checks import compare_totals
from luxewin.modules.payments.gateways.opening import OpenGateways, open_gateways
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.repository.invariants import INVARIANTS
from luxewin.modules.payments.routes import router
from luxewin.modules.payments.service.endpoints import EndpointSecrets
from luxewin.modules.payments.service.metrics import measure_unknown
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


def _jobs(services: Services) -> Sequence[Job]:
    return services[OpenGateways].jobs(services[OwnAddress].base_url)


MODULE = Module(
    tags={"payments": "Payments at payment gateways, and their webhooks."},
    routers=[router],
    services={
        OpenGateways: _open_gateways,
        Gateways: _gateways,
        EndpointSecrets: _endpoint_secrets,
    },
    jobs=_jobs,
    invariants=INVARIANTS,
    checks=[
        Check("The totals of every gateway equal its clearing accounts", compare_totals, transient=True),
    ],
    append_only=["payments_events"],
    measurements=[measure_unknown],
)
