"""Filling a fresh installation once: the first super admin, the default tenant, and in development the demo shops."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import as_file, files

from luxewin.demo.raffles import fill_raffles
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.installation import Installation
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import Handling
from luxewin.modules.identity import public as identity
from luxewin.modules.payments.public import EndpointSecrets, open_gateways
from luxewin.modules.raffles.public import RaffleSecrets, opened_beacons
from luxewin.modules.tenants.public import PLATFORM, Directory
from luxewin.workflows.import_catalog.story import import_file
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.story import provision_tenant

MADE_UP_EMAIL = "admin@luxewin.example"
DEMO_TENANTS = {"luxyhome": "Luxyhome", "luxewin": "LuxeWin Prize Draws"}
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The first super admin's credentials, known in clear only when the password was made up here."""

    email: str
    password: str = field(repr=False)


async def seed(installation: Installation, *, tell: Tell) -> FirstAccount | None:
    """Make what a fresh installation lacks; a second run finds it all and changes nothing."""
    database = await installation.open_database()
    try:
        account = await _first_account(installation, database, tell)
        await _missing_tenants(installation, database, tell)
    finally:
        await database.close()
    return account


async def _first_account(installation: Installation, database: Database, tell: Tell) -> FirstAccount | None:
    """Make the first super admin; return the account when its password was made up, so that it can be shown once."""
    given = installation.settings.admin
    password = given.password.get_secret_value() if given.password else secrets.token_urlsafe(15)
    email = given.email or MADE_UP_EMAIL

    async def ensure(tx: Transaction) -> bool:
        if await identity.super_admin_exists(tx):
            return False
        return await identity.ensure_super_admin(tx, email=email, password=password, name="First admin")

    made = await database.run(PLATFORM, SYSTEM, ensure)
    if made:
        tell(f"Made the first super admin, {email}")
    return FirstAccount(email, password) if made and given.password is None else None


async def _missing_tenants(installation: Installation, database: Database, tell: Tell) -> None:
    settings = installation.settings
    wanted = {settings.default_tenant: DEMO_TENANTS.get(settings.default_tenant, settings.default_tenant.title())}
    if not settings.is_production:
        wanted |= DEMO_TENANTS
    directory = Directory(database)
    for slug, name in wanted.items():
        if await directory.by_slug(slug) is None:
            await _provision(installation, database, slug, name)
            tell(f"Made the tenant {slug}")
            await directory.refresh()
            if slug == "luxyhome" and not settings.is_production:
                await _fill_luxyhome(database, directory, tell)
            if slug == "luxewin" and settings.beacon.name == "local" and not settings.is_production:
                await _fill_luxewin(installation, database, directory, tell)


async def _provision(installation: Installation, database: Database, slug: str, name: str) -> None:
    async with open_gateways(installation) as gateways:
        await provision_tenant(
            database,
            gateways.offered,
            EndpointSecrets(installation.secrets.master_key),
            NewTenant(slug=slug, name=name, currency="USD"),
            principal=SYSTEM,
        )


async def _fill_luxyhome(database: Database, directory: Directory, tell: Tell) -> None:
    tenant = await directory.by_slug("luxyhome")
    assert tenant is not None, "it was made just now"
    with as_file(files("luxewin.demo").joinpath("luxyhome.csv")) as path:
        report = await import_file(database, tenant, path, Handling())
    tell(f"Imported the demo's catalogue: {report.created} products")


async def _fill_luxewin(installation: Installation, database: Database, directory: Directory, tell: Tell) -> None:
    tenant = await directory.by_slug("luxewin")
    assert tenant is not None, "it was made just now"
    beacon = installation.settings.beacon
    async with (
        open_gateways(installation) as gateways,
        opened_beacons(beacon, installation.key("beacon"), is_production=False) as beacons,
    ):
        secrets_of_raffles = RaffleSecrets(installation.secrets.master_key)
        gateway = gateways.offered.named("simulator")
        made = await fill_raffles(database, tenant, gateway, beacons=beacons, secrets=secrets_of_raffles)
    tell(f"Published the demo's raffles: {made}")
