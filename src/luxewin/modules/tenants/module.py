"""What the module brings to the program."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from luxewin.kit.database import Database
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.tenants.routes import router
from luxewin.modules.tenants.service.directory import Directory


@asynccontextmanager
async def _directory(services: Services) -> AsyncIterator[Directory]:
    yield Directory(services[Database])


MODULE = Module(
    tags={"tenants": "The shops of this installation."},
    routers=[router],
    services={Directory: _directory},
)
