"""What vendors refuse."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class VendorUnknown(NotFound):
    """No such vendor in this tenant."""


class VendorExists(Conflict):
    """Two vendors of one tenant may not share a name or a slug."""

    code = "vendors.exists"
    title = "There is a vendor with this name or slug already"


class VendorsMoved(Conflict):
    """Somebody else added the same vendor at the same moment."""

    code = "vendors.contended"
    title = "The vendor was added at the same moment; try again"
    retriable = True


class MemberUnknown(NotFound):
    """The user is no member of this vendor."""


class UserUnknown(InvalidInput):
    """Only an account of this tenant can become a member."""

    code = "vendors.user_unknown"
    title = "There is no such account in this tenant"


class MemberElsewhere(Conflict):
    """An account sells for one vendor at most."""

    code = "vendors.member_elsewhere"
    title = "This account is a member of a vendor already"
