"""The manifest of the module."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from luxewin.kit.http.document_files import DocumentFiles
from luxewin.kit.invariant_checks import Check
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.raffles.anchors.configured import ConfiguredAnchors
from luxewin.modules.raffles.beacons.configured import Beacons, open_beacons
from luxewin.modules.raffles.checks import DETAILS, DRAWS, find_wrong_details, find_wrong_draws
from luxewin.modules.raffles.repository.invariants import INVARIANTS
from luxewin.modules.raffles.routes import router
from luxewin.modules.raffles.service.read_entries import MerkleTreeCache
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.settings import AnchorSettings, BeaconSettings
from luxewin.runtime.installation import Installation


@asynccontextmanager
async def _beacons(services: Services) -> AsyncIterator[Beacons]:
    installation = services[Installation]
    settings = installation.settings
    key = installation.key("beacon")
    async with open_beacons(settings.of(BeaconSettings), key, is_production=settings.is_production) as beacons:
        yield beacons


@asynccontextmanager
async def _anchors(services: Services) -> AsyncIterator[ConfiguredAnchors]:
    yield ConfiguredAnchors.of(services[Installation].settings.of(AnchorSettings))


@asynccontextmanager
async def _secrets(services: Services) -> AsyncIterator[RaffleSecrets]:
    yield RaffleSecrets(services[Installation].secrets.master_key)


@asynccontextmanager
async def _trees(_services: Services) -> AsyncIterator[MerkleTreeCache]:
    yield MerkleTreeCache()


@asynccontextmanager
async def _documents(services: Services) -> AsyncIterator[DocumentFiles]:
    yield DocumentFiles(services[Installation].settings.data_dir / "documents")


MODULE = Module(
    tags={"raffles": "Raffles: prizes, tickets, and draws that anybody can verify."},
    routers=[router],
    services={
        Beacons: _beacons,
        ConfiguredAnchors: _anchors,
        RaffleSecrets: _secrets,
        MerkleTreeCache: _trees,
        DocumentFiles: _documents,
    },
    invariants=INVARIANTS,
    checks=[Check(DRAWS, find_wrong_draws), Check(DETAILS, find_wrong_details)],
    append_only=["raffles_rules", "raffles_locks", "raffles_draws", "raffles_exclusions", "raffles_left_out"],
)
