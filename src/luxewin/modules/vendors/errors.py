"""What vendors refuse."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class VendorUnknown(NotFound):
    """No such vendor in this tenant."""


class VendorExists(Conflict):
    """Two vendors of one tenant may not share a name or a slug."""

    code = "vendors.exists"
    title = "A vendor with this name or slug already exists"


class VendorsMoved(Conflict):
    """Somebody else added the same vendor at the same moment."""

    code = "vendors.contended"
    title = "Another request added the vendor at the same time; try again"
    retriable = True


class MemberUnknown(NotFound):
    """The user is no member of this vendor."""


class UserUnknown(InvalidInput):
    """Only an account of this tenant can become a member."""

    code = "vendors.user_unknown"
    title = "The account does not exist"


class MemberElsewhere(Conflict):
    """An account sells for one vendor at most."""

    code = "vendors.member_elsewhere"
    title = "The account is already a member of a vendor"
