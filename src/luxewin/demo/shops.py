"""Creation of the first tenants: the default tenant and, outside production, the two demo shops with their data."""

from collections.abc import Callable
from importlib.resources import as_file, files

from luxewin.demo.raffles import seed_raffles
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog_import.public import ImportOptions
from luxewin.modules.payments.public import EndpointSecrets, open_gateways
from luxewin.modules.raffles.public import BeaconSettings, RaffleSecrets, open_beacons
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.import_catalog.workflow import import_file
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.workflow import provision_tenant


async def create_shop(
    installation: Installation,
    database: Database,
    directory: Directory,
    *,
    slug: str,
    name: str,
    report: Callable[[str], None],
) -> None:
    """Create a tenant; outside production, also seed it if it is one of the demo shops."""
    settings = installation.settings
    await _provision(installation, database, slug, name)
    report(f"Created the tenant {slug}")
    await directory.refresh()
    tenant = await directory.by_slug(slug)
    assert tenant is not None, "it was created above"
    if slug == "luxyhome" and not settings.is_production:
        report(f"Imported the demo catalogue: {await _import_catalogue(database, tenant)} products")
    if slug == "luxewin" and settings.of(BeaconSettings).name == "local" and not settings.is_production:
        report(f"Published the demo raffles: {await _seed_raffles(installation, database, tenant)}")


async def _provision(installation: Installation, database: Database, slug: str, name: str) -> None:
    async with open_gateways(installation) as gateways:
        await provision_tenant(
            database,
            gateways.offered,
            EndpointSecrets(installation.secrets.master_key),
            NewTenant(slug=slug, name=name, currency="USD"),
            principal=SYSTEM,
        )


async def _import_catalogue(database: Database, tenant: Tenancy) -> int:
    with as_file(files("luxewin.demo").joinpath("luxyhome.csv")) as path:
        return (await import_file(database, tenant, path, ImportOptions())).created


async def _seed_raffles(installation: Installation, database: Database, tenant: Tenancy) -> int:
    beacon = installation.settings.of(BeaconSettings)
    async with (
        open_gateways(installation) as gateways,
        open_beacons(beacon, installation.key("beacon"), is_production=False) as beacons,
    ):
        secrets = RaffleSecrets(installation.secrets.master_key)
        return await seed_raffles(database, tenant, gateways.offered, beacons=beacons, secrets=secrets)
