"""What every request and every reaction knows of the tenant it works for."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A tenant as the kit sees it: whose rows, which currency, which time.

    `clock_offset` moves the tenant's time away from the database's clock; it is zero outside sandboxes.
    """

    id: UUID
    slug: str
    currency: str
    locale: str = "en"
    clock_offset: timedelta = timedelta(0)
