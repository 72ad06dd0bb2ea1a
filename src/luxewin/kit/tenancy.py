"""The tenant of a request or of an event handler."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from luxewin.kit.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Tenancy:
    """The data of a tenant that the kit needs: its id, its currency, its time.

    `clock_offset` moves the tenant's time away from the database's clock; it is zero outside sandboxes. `settings` are
    the tenant's values by name.
    """

    id: UUID
    slug: str
    currency: str
    locale: str = "en"
    clock_offset: timedelta = timedelta(0)
    settings: Mapping[str, bool | int | str] = field(default_factory=dict, compare=False, repr=False)


class UnknownTenant(NotFound):
    """The named tenant does not exist here."""

    code = "tenants.unknown"
    title = "The tenant does not exist"


class TenantDisagreement(Forbidden):
    """Host, header and token name different tenants."""

    code = "tenants.disagreement"
    title = "The host, the X-Tenant header and the access token name different tenants"
