"""What the registry of tenants refuses."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class TenantUnknown(NotFound):
    """No tenant of this installation has this id."""

    code = "tenants.unknown"
    title = "The tenant does not exist"


class SlugTaken(Conflict):
    """A slug names one tenant; this one is another's, or the installation's own."""

    code = "tenants.slug_taken"
    title = "Another tenant already has this slug"


class DomainTaken(Conflict):
    """A host name leads to one tenant; one of these leads to another."""

    code = "tenants.domain_taken"
    title = "Another tenant already has one of these domains"


class TenantChangedMeanwhile(Conflict):
    """Somebody else changed the tenant; a fresh reading may succeed."""

    code = "tenants.changed_meanwhile"
    title = "Another request changed the tenant at the same time; try again"
    retriable = True


class ClockFixed(InvalidInput):
    """Where people buy for real, time is real."""

    code = "tenants.clock_fixed"
    title = "The test clock can only be moved in development and test installations"
