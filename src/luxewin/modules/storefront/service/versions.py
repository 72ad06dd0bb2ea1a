"""Versions: what this process knows of how often each tenant's catalogue has changed."""

import asyncio
from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from luxewin.modules.catalog.public import CATALOG_CHANNEL
from luxewin.modules.storefront.repository import notifications

STOCK_CHANNEL = "luxewin_stock"
"""Notified with the tenant's id when something went out of stock or came back."""

_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 5.0
log = structlog.get_logger("storefront")


class Version(NamedTuple):
    """A state of a tenant's catalogue; versions are equal or not, their order means nothing."""

    hearing: int
    changes: int


class Versions:
    """Counts the changes of each tenant that the database tells of.

    A version is only known while the listener hears: what was missed while it was deaf is unknown, so every tenant
    starts anew when it hears again.
    """

    def __init__(self) -> None:
        self._hearing = 0
        self._deaf = True
        self._changes: defaultdict[UUID, int] = defaultdict(int)

    def of(self, tenant_id: UUID) -> Version | None:
        """Return the version of a tenant's catalogue, or None while nobody can know it."""
        return None if self._deaf else Version(self._hearing, self._changes[tenant_id])

    def bump(self, tenant_id: UUID) -> None:
        """Take note that a tenant's catalogue has changed."""
        self._changes[tenant_id] += 1

    def bump_all(self) -> None:
        """Take note that any tenant's catalogue may have changed."""
        self._hearing += 1
        self._changes.clear()

    def hear(self) -> None:
        """Take note that from now on every change will be told; what came before is unknown."""
        self.bump_all()
        self._deaf = False

    def go_deaf(self) -> None:
        """Take note that changes may go unheard from now on."""
        self._deaf = True

    async def listen(self, connect_arguments: dict[str, Any]) -> None:
        """Follow the database's notifications until cancelled; a lost connection is taken up again.

        `connect_arguments` are asyncpg's, of any role that may connect.
        """
        wait_seconds = _FIRST_WAIT_SECONDS
        while True:
            try:
                async with notifications.subscribed(
                    connect_arguments, (CATALOG_CHANNEL, STOCK_CHANNEL), self._told
                ) as subscription:
                    self.hear()
                    wait_seconds = _FIRST_WAIT_SECONDS
                    await subscription.lost()
                log.warning("catalogue notifications were lost; lists are asked for each time until they return")
            except notifications.ABSENCES as error:
                log.warning("catalogue notifications cannot be followed", error=repr(error))
            finally:
                self.go_deaf()
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, _LONGEST_WAIT_SECONDS)

    def _told(self, payload: str) -> None:
        try:
            self.bump(UUID(payload))
        except ValueError:
            self.bump_all()
