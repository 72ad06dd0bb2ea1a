"""The export of all products as a stream, in either format; importing it again changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from itertools import islice

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.money import EXPONENTS
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import ImportFormat, ProductDraft


async def export_products(
    database: Database, tenant: Tenancy, principal: Principal, file_format: ImportFormat = ImportFormat.SHOPIFY_CSV
) -> AsyncIterator[bytes]:
    """Yield all products as a product file; one page of products is in memory at a time."""
    columns = await database.run(tenant, principal, catalog_import.export_columns)
    after: str | None = ""
    is_first = True
    while after is not None:
        page = await database.run(tenant, principal, partial(catalog_import.export_page, after=after))
        if file_format is ImportFormat.JSONL:
            yield await asyncio.to_thread(_lines, page.drafts, tenant)
        else:
            yield await asyncio.to_thread(_rows, page.drafts, columns, tenant, with_header=is_first)
        is_first, after = False, page.last_slug


def _rows(drafts: Sequence[ProductDraft], columns: Sequence[str], tenant: Tenancy, *, with_header: bool) -> bytes:
    lines = catalog_import.write(drafts, exponent=EXPONENTS[tenant.currency], extra_columns=columns)
    return "".join(islice(lines, 0 if with_header else 1, None)).encode()


def _lines(drafts: Sequence[ProductDraft], tenant: Tenancy) -> bytes:
    return b"".join(catalog_import.line_of(draft, currency=tenant.currency) for draft in drafts)
