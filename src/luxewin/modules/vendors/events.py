"""Domain events of vendors."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAdded(DomainEvent):
    """A vendor was added; the aggregate is the vendor."""

    type: ClassVar[str] = "vendors.vendor_added"

    name: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorChanged(DomainEvent):
    """A vendor has another name or status."""

    type: ClassVar[str] = "vendors.vendor_changed"

    name: str
    previous_name: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(DomainEvent):
    """An account became a member of the vendor."""

    type: ClassVar[str] = "vendors.member_added"

    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(DomainEvent):
    """An account is no longer a member of the vendor."""

    type: ClassVar[str] = "vendors.member_removed"

    user_id: UUID
