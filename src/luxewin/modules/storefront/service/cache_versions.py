"""Cache versions: a number for each tenant that changes whenever its catalogue does."""

import asyncio
from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from luxewin.modules.catalog.public import CATALOG_CHANNEL
from luxewin.modules.storefront.repository import notifications

STOCK_CHANNEL = "luxewin_stock"
"""Notified with the tenant's id when a variant comes into stock or goes out of stock."""

_FIRST_RETRY_SECONDS = 0.1
_LONGEST_RETRY_SECONDS = 5.0
log = structlog.get_logger("storefront")


class CacheVersion(NamedTuple):
    """A state of a tenant's catalogue; versions can be compared for equality, but have no order."""

    subscription: int
    changes: int


class CacheVersions:
    """Counts the changes of each tenant's catalogue that the database notifies.

    Versions are known only while the process is subscribed: earlier changes are unknown, so every tenant gets a new
    version with each subscription.
    """

    def __init__(self) -> None:
        self._subscription = 0
        self._is_subscribed = False
        self._changes: defaultdict[UUID, int] = defaultdict(int)

    def of(self, tenant_id: UUID) -> CacheVersion | None:
        """Return the version of a tenant's catalogue, or None while it is unknown."""
        return CacheVersion(self._subscription, self._changes[tenant_id]) if self._is_subscribed else None

    def bump(self, tenant_id: UUID) -> None:
        """Give a tenant a new version: its catalogue has changed."""
        self._changes[tenant_id] += 1

    def bump_all(self) -> None:
        """Give every tenant a new version: any catalogue may have changed."""
        self._subscription += 1
        self._changes.clear()

    def subscribed(self) -> None:
        """Note that every change will be notified from now on; earlier ones are unknown."""
        self.bump_all()
        self._is_subscribed = True

    def unsubscribed(self) -> None:
        """Note that changes may be missed from now on."""
        self._is_subscribed = False

    async def listen(self, connect_arguments: dict[str, Any]) -> None:
        """Follow the database's notifications until cancelled; reconnect when the connection is lost.

        `connect_arguments` are asyncpg's connection arguments for any role that may connect.
        """
        retry_seconds = _FIRST_RETRY_SECONDS
        while True:
            try:
                async with notifications.subscription(
                    connect_arguments, (CATALOG_CHANNEL, STOCK_CHANNEL), self._on_notification
                ) as subscription:
                    self.subscribed()
                    retry_seconds = _FIRST_RETRY_SECONDS
                    await subscription.lost()
                log.warning("catalogue notifications were lost; responses are not cached until they return")
            except notifications.UNAVAILABLE as error:
                log.warning("catalogue notifications are not available", error=repr(error))
            finally:
                self.unsubscribed()
            await asyncio.sleep(retry_seconds)
            retry_seconds = min(2 * retry_seconds, _LONGEST_RETRY_SECONDS)

    def _on_notification(self, payload: str) -> None:
        try:
            self.bump(UUID(payload))
        except ValueError:
            self.bump_all()
