"""The manifests of all modules and workflows, found by their folders; the entry points are built from them."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType, ModuleType
from typing import Any

from luxewin import modules, workflows
from luxewin.configuration import LOGIN_ROLES
from luxewin.kit import module as kit
from luxewin.kit.database import Database
from luxewin.kit.invariant_checks import InvariantChecks
from luxewin.kit.invariants import Invariants, kit_invariants
from luxewin.kit.manifest import Module, merged
from luxewin.kit.pagination import Cursors
from luxewin.kit.services import Opener, Services, open_services
from luxewin.kit.settings import Settings
from luxewin.runtime.installation import Installation
from luxewin.runtime.own_address import OwnAddress


def _manifests(package: ModuleType) -> Iterator[tuple[str, Module]]:
    for folder in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module: Module = importlib.import_module(f"{folder.name}.module").MODULE
        yield folder.name, module


MANIFESTS: Mapping[str, Module] = {
    kit.__name__: kit.MODULE,
    **dict(_manifests(modules)),
    **dict(_manifests(workflows)),
}
"""The manifests by the names of their packages."""
MODULES: tuple[Module, ...] = tuple(MANIFESTS.values())

INVARIANTS: Invariants = merged(
    {
        **{name: module.invariants for name, module in MANIFESTS.items()},
        "luxewin.kit.invariants": kit_invariants(
            [table for module in MODULES for table in module.append_only], LOGIN_ROLES
        ),
    }
)
"""Every invariant that is a query, by its statement."""

INVARIANT_CHECKS = InvariantChecks(
    INVARIANTS,
    chains=[chain for module in MODULES for chain in module.chains],
    checks=[check for module in MODULES for check in module.checks],
)
TAGS: Mapping[str, str] = dict(sorted(merged({name: module.tags for name, module in MANIFESTS.items()}).items()))
"""The parts of the API documentation by name, each with its description."""
NO_SERVICES: Mapping[type[Any], Any] = MappingProxyType({})
_OPENERS: Mapping[type[Any], Opener] = merged({name: module.services for name, module in MANIFESTS.items()})


@asynccontextmanager
async def installed_services(
    installation: Installation, database: Database, *, base_url: str, given: Mapping[type[Any], Any] = NO_SERVICES
) -> AsyncIterator[Services]:
    """Open every module's services, and close them at the end.

    `base_url` is the address of this installation's API; `given` are services that are open already.
    """
    opened = {
        **given,
        Database: database,
        Installation: installation,
        Settings: installation.settings,
        Cursors: Cursors(installation.key("cursors")),
        OwnAddress: OwnAddress(base_url),
    }
    async with open_services(_OPENERS, opened) as services:
        yield services
