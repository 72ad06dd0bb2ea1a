"""Bodies and views of vendors."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, ShortText, Slug, View
from luxewin.modules.vendors.domain import Vendor, VendorStatus

_VENDOR_ID = "0199a1b2-7c00-7000-8000-000000000021"
_USER_ID = "0199a1b2-7c00-7000-8000-000000000022"


class VendorBody(Body):
    """A new vendor; without a slug it gets one from its name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Nordlys Interiors", "slug": "nordlys"}]})

    name: ShortText
    slug: Slug | None = None


class VendorPatch(Body):
    """Changes to a vendor; omitted fields stay unchanged."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Change the name": {"name": "Nordlys Home"},
                "Suspend the vendor": {"status": "suspended"},
            }
        )
    )

    name: ShortText | None = None
    status: VendorStatus | None = None


class VendorView(View):
    """A vendor."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _VENDOR_ID,
                    "slug": "nordlys",
                    "name": "Nordlys Interiors",
                    "status": "active",
                    "created_at": "2026-11-20T12:00:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    slug: str
    name: str
    status: VendorStatus
    created_at: datetime
    version: int

    @classmethod
    def of(cls, vendor: Vendor) -> Self:
        """Return the view of a vendor."""
        return cls.model_validate(vendor)


class MemberBody(Body):
    """An account to add to the vendor's members."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user_id": _USER_ID}]})

    user_id: UUID


class MemberView(View):
    """An account that is a member of a vendor."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"vendor_id": _VENDOR_ID, "user_id": _USER_ID, "added_at": "2026-11-20T12:00:00Z"}]
        }
    )

    vendor_id: UUID
    user_id: UUID
    added_at: datetime


class MembersView(View):
    """All members of a vendor."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"data": [{"vendor_id": _VENDOR_ID, "user_id": _USER_ID, "added_at": "2026-11-20T12:00:00Z"}]}]
        }
    )

    data: list[MemberView]
