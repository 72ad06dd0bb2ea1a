"""The manifest of identity."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from luxewin.kit.database import Database
from luxewin.kit.jobs import AN_HOUR_SECONDS, Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.identity.jobs import delete_expired_everywhere
from luxewin.modules.identity.repository.invariants import INVARIANTS
from luxewin.modules.identity.routes import router, well_known
from luxewin.modules.identity.service.authenticator import Authenticator
from luxewin.modules.identity.service.fingerprints import Fingerprints
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.refresh_tokens import RefreshTokens
from luxewin.modules.identity.service.signing_keys import SigningKeys
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation


@asynccontextmanager
async def _signing_keys(services: Services) -> AsyncIterator[SigningKeys]:
    yield SigningKeys(services[Database], services[Installation].secrets.master_key)


@asynccontextmanager
async def _refresh_tokens(services: Services) -> AsyncIterator[RefreshTokens]:
    yield RefreshTokens(services[Installation].key("identity refresh tokens"))


@asynccontextmanager
async def _fingerprints(services: Services) -> AsyncIterator[Fingerprints]:
    yield Fingerprints(services[Installation].key("identity fingerprints of passwords"))


@asynccontextmanager
async def _authenticator(services: Services) -> AsyncIterator[Authenticator]:
    keys, directory = await services.open(SigningKeys), await services.open(Directory)
    yield Authenticator(services[Database], keys, directory)


@asynccontextmanager
async def _passwords(_services: Services) -> AsyncIterator[Passwords]:
    passwords = Passwords()
    try:
        yield passwords
    finally:
        passwords.close()


def _jobs(services: Services) -> Sequence[Job]:
    database, directory = services[Database], services[Directory]
    return [Job("delete old sessions", AN_HOUR_SECONDS, lambda: delete_expired_everywhere(database, directory))]


MODULE = Module(
    tags={"identity": "Accounts: registration, login, sessions, users."},
    routers=[router],
    root_routers=[well_known],
    services={
        SigningKeys: _signing_keys,
        RefreshTokens: _refresh_tokens,
        Fingerprints: _fingerprints,
        Authenticator: _authenticator,
        Passwords: _passwords,
    },
    jobs=_jobs,
    invariants=INVARIANTS,
)
