"""Errors of vendors."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class VendorUnknown(NotFound):
    """The tenant has no such vendor, or the caller may not see it."""


class VendorExists(Conflict):
    """Another vendor of the tenant has this name or slug."""

    code = "vendors.exists"
    title = "A vendor with this name or slug already exists"


class VendorChangedMeanwhile(Conflict):
    """Another transaction added or changed the vendor first; a retry reads it again."""

    code = "vendors.contended"
    title = "Another request added or changed the vendor at the same time; try again"
    retriable = True


class MemberUnknown(NotFound):
    """The account is not a member of this vendor."""


class UserUnknown(InvalidInput):
    """Only an account of this tenant can become a member."""

    code = "vendors.user_unknown"
    title = "The account does not exist"


class MemberOfAnotherVendor(Conflict):
    """An account can be a member of one vendor only."""

    code = "vendors.member_elsewhere"
    title = "The account is already a member of a vendor"
