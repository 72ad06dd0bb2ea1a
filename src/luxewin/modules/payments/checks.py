"""What is checked against the gateways' own books."""

from collections.abc import Sequence
from dataclasses import asdict

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import Violation
from luxewin.kit.services import Services
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.service.clearing import disagreements_with
from luxewin.modules.tenants.public import Directory


async def find_disagreements(services: Services) -> Sequence[Violation]:
    """Compare every gateway's own books with its clearing accounts, tenant by tenant.

    A payment under way is in one of the two books before it is in the other, so only lasting differences count.
    """
    database, gateways = services[Database], services[Gateways]
    tenants = await services[Directory].all()
    return [violation for tenant in tenants for violation in await _disagreements(database, gateways, tenant)]


async def _disagreements(database: Database, gateways: Gateways, tenant: Tenancy) -> list[Violation]:
    found = []
    for name in gateways:
        books = await gateways.named(name).report(str(tenant.id))
        async with database.begin(tenant, SYSTEM) as tx:
            disagreements = await disagreements_with(tx, name, books)
        promise = f"The books of {name} equal our clearing account"
        found += [Violation(promise, {"tenant": tenant.slug, **asdict(row)}) for row in disagreements]
    return found
