"""A version changes with every change that the database notifies, and is unknown without a subscription."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from luxewin.modules.catalog.public import CATALOG_CHANNEL
from luxewin.modules.storefront.service.cache_versions import STOCK_CHANNEL, CacheVersion
from tests.conftest import TestDatabase
from tests.modules.storefront.front import Watched, listening

TENANT, OTHER = uuid4(), uuid4()


@pytest.fixture
async def owner(test_database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(**test_database.owner)
    yield connection
    await connection.close()


async def changed(versions: Watched, *, other_than: CacheVersion | None) -> CacheVersion:
    """Wait until the version of the tenant is known and another one."""
    while (version := versions.of(TENANT)) in {None, other_than}:
        await versions.next_change()
    assert version is not None
    return version


@pytest.mark.parametrize("channel", [CATALOG_CHANNEL, STOCK_CHANNEL])
async def test_a_committed_change_bumps_its_tenant_and_no_other(
    channel: str, test_database: TestDatabase, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        before = await changed(versions, other_than=None)
        of_the_other = versions.of(OTHER)
        async with owner.transaction():
            await owner.execute("SELECT pg_notify($1, $2)", channel, str(TENANT))
        await changed(versions, other_than=before)
        assert versions.of(OTHER) == of_the_other


async def test_a_change_that_was_rolled_back_bumps_nothing(
    test_database: TestDatabase, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        before = await changed(versions, other_than=None)
        rolled_back = owner.transaction()
        await rolled_back.start()
        await owner.execute("SELECT pg_notify($1, $2)", CATALOG_CHANNEL, str(TENANT))
        await rolled_back.rollback()
        of_the_other = versions.of(OTHER)
        await owner.execute("SELECT pg_notify($1, $2)", CATALOG_CHANNEL, str(OTHER))
        while versions.of(OTHER) == of_the_other:
            await versions.next_change()
        assert versions.of(TENANT) == before


async def test_a_notification_without_a_tenant_bumps_all(
    test_database: TestDatabase, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        before = await changed(versions, other_than=None)
        await owner.execute("SELECT pg_notify($1, '')", CATALOG_CHANNEL)
        await changed(versions, other_than=before)


async def test_a_lost_connection_makes_versions_unknown_and_all_of_them_new_after_reconnecting(
    test_database: TestDatabase, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    versions = Watched()
    arguments = {**test_database.role("app"), "server_settings": {"application_name": "a listener to be lost"}}
    async with listening(versions, arguments):
        before = await changed(versions, other_than=None)
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'a listener to be lost'"
        )
        while versions.of(TENANT) is not None:
            await versions.next_change()
        await owner.execute("SELECT pg_notify($1, $2)", CATALOG_CHANNEL, str(TENANT))
        await changed(versions, other_than=before)
    assert versions.of(TENANT) is None


async def test_without_a_database_versions_stay_unknown(test_database: TestDatabase) -> None:
    versions = Watched()
    async with listening(versions, {**test_database.role("app"), "database": "there_is_none"}):
        await versions.next_change()
        assert versions.of(TENANT) is None
