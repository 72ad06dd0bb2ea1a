"""What a vendor is, and when two names mean the same one."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

LONGEST_NAME = 200
_LONGEST_SLUG = 180
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


class VendorStatus(StrEnum):
    """Whether a vendor's goods may be sold."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Somebody who sells in the shop."""

    id: UUID
    slug: str
    name: str
    status: VendorStatus
    created_at: datetime
    version: int


def name_key(name: str) -> str:
    """Return what names of the same vendor have in common: case, accents' encoding and white space do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def slugs_for(name: str, *, vendor_id: UUID) -> list[str]:
    """Return addresses that suit the vendor, the best first and the last one its own for certain.

    A name without Latin letters is addressed by the vendor's id.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    mark = vendor_id.hex[-12:]
    base = _NOT_IN_A_SLUG.sub("-", ascii_name)[:_LONGEST_SLUG].strip("-") or f"vendor-{mark}"
    return [base, *(f"{base}-{number}" for number in range(2, 10)), f"{base}-{mark}"]
