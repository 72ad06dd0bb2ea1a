"""Errors of the registry of tenants."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class TenantUnknown(NotFound):
    """No tenant of this installation has this id."""

    code = "tenants.unknown"
    title = "The tenant does not exist"


class SlugTaken(Conflict):
    """The slug belongs to another tenant, or is reserved for the installation."""

    code = "tenants.slug_taken"
    title = "Another tenant already has this slug"


class DomainTaken(Conflict):
    """One of the host names belongs to another tenant."""

    code = "tenants.domain_taken"
    title = "Another tenant already has one of these domains"


class TenantChangedMeanwhile(Conflict):
    """The tenant was changed since it was read; a retry reads it again."""

    code = "tenants.changed_meanwhile"
    title = "Another request changed the tenant at the same time; try again"
    retriable = True


class ClockFixed(InvalidInput):
    """The clock of a tenant in production cannot be moved."""

    code = "tenants.clock_fixed"
    title = "The test clock can only be moved in development and test installations"


class DomainNotPublic(InvalidInput):
    """A domain of a tenant in production is one that only the machine itself can reach, such as `shop.localhost`."""

    code = "tenants.domain_not_public"
    title = "A tenant in production needs domains that visitors can reach"


class RateLimitUnknown(NotFound):
    """There is no rate limit of this name."""

    code = "tenants.rate_limit_unknown"
    title = "There is no rate limit of this name"
