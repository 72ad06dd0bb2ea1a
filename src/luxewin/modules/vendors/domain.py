"""Vendors, and the comparison of their names."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from luxewin.kit.slugs import slug_of

LONGEST_NAME = 200
_LONGEST_SLUG = 180


class VendorStatus(StrEnum):
    """The status of a vendor: its goods may be sold, or not."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A seller in the shop."""

    id: UUID
    slug: str
    name: str
    status: VendorStatus
    created_at: datetime
    version: int


def name_key(name: str) -> str:
    """Return the key of a vendor's name: names that differ only in case, encoding or white space share it."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def slugs_for(name: str, *, vendor_id: UUID) -> list[str]:
    """Return candidates for a vendor's slug, the best first; the last one contains the id, so it is always free.

    A name without letters or digits gets a slug from the vendor's id.
    """
    suffix = vendor_id.hex[-12:]
    base = slug_of(name, longest=_LONGEST_SLUG) or f"vendor-{suffix}"
    return [base, *(f"{base}-{number}" for number in range(2, 10)), f"{base}-{suffix}"]
