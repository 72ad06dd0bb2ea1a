"""What has happened to vendors."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAdded(Fact):
    """A vendor may sell from now on; the aggregate is the vendor."""

    type: ClassVar[str] = "vendors.vendor_added"

    name: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(Fact):
    """An account may act for the vendor."""

    type: ClassVar[str] = "vendors.member_added"

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Fact):
    """An account may act for the vendor no longer."""

    type: ClassVar[str] = "vendors.member_removed"

    user_id: UUID
