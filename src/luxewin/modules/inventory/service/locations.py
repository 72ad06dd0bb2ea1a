"""Stock locations."""

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Location

DEFAULT_CODE = "main"


def create_default_location(tx: Transaction) -> Write:
    """Return the write that creates the default location of a new tenant."""
    return repository.add_location(tx, new_id(), code=DEFAULT_CODE, name="Main location", is_default=True)


async def add_location(tx: Transaction, *, code: str, name: str) -> Location:
    """Add a location; the default location stays the default.

    Raises:
        LocationExists: (at the flush) another location has the code.
    """
    location = Location(id=new_id(), code=code, name=name, is_default=False, created_at=await tx.now())
    tx.write(repository.add_location(tx, location.id, code=code, name=name, is_default=False))
    tx.audit("inventory.location_added", target=location.id, after={"code": code, "name": name})
    return location


async def list_locations(tx: Transaction, *, after: str | None, limit: int) -> list[Location]:
    """Return locations by code, after the code `after`."""
    return await repository.locations(tx, after=after, limit=limit)
