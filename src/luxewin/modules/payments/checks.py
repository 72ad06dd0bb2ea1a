"""The comparison of the gateways' own totals with the ledger."""

from collections.abc import Sequence
from dataclasses import asdict

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import Violation
from luxewin.kit.services import Services
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.gateways.protocol import Gateways
from luxewin.modules.payments.service.clearing import find_discrepancies
from luxewin.modules.tenants.public import Directory


async def compare_totals(services: Services) -> Sequence[Violation]:
    """Compare every gateway's own totals with its clearing accounts, tenant by tenant.

    A payment in progress is recorded on one side before the other, so only lasting differences count.
    """
    database, gateways = services[Database], services[Gateways]
    tenants = await services[Directory].all()
    return [violation for tenant in tenants for violation in await _violations(database, gateways, tenant)]


async def _violations(database: Database, gateways: Gateways, tenant: Tenancy) -> list[Violation]:
    found = []
    for name in gateways:
        totals = await gateways.get(name).report(str(tenant.id))
        async with database.begin(tenant, SYSTEM) as tx:
            discrepancies = await find_discrepancies(tx, name, totals)
        statement = f"The totals of {name} equal its clearing accounts"
        found += [Violation(statement, {"tenant": tenant.slug, **asdict(row)}) for row in discrepancies]
    return found
