"""Shared fixtures: a private PostgreSQL, a database for each test process, and new tenants for each test."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from luxewin.configuration import LOGIN_ROLES
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.pools import PoolLimits
from luxewin.kit.roles import Login, ensure_login_roles, login_role
from luxewin.kit.tenancy import Tenancy
from luxewin.migrations.drafting import whole_schema
from luxewin.migrations.tables import all_tables
from luxewin.modules.identity.public import Role
from tests.prepared import begin_run, end_run
from tests.servers import TestServer, start_debian, start_embedded

pytest_plugins = ["tests.running"]
# No test asserts a time, and a slow machine is no reason to stop.
hypothesis.settings.register_profile("luxewin", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("luxewin")

PATIENT = PoolLimits(size=20, wait_seconds=10, lock_seconds=10, statement_seconds=20)
"""Long limits, because no test asserts a duration."""

PASSWORDS = {purpose: f"only-in-tests-{purpose}" for purpose in LOGIN_ROLES}
LOGINS = [Login(purpose, group, PASSWORDS[purpose]) for purpose, group in LOGIN_ROLES.items()]


_SLOW_FOLDERS = ("security", "reliability", "backup", "workflows", "e2e", "docs", "pages")
"""Run first, because their files take long, so that all processes of a run end at about the same time."""

_FOLDER_WITH_SHARED_SHOPS = "tests/security"
"""Its files share the fixture `shops`, which takes half a minute."""

_TESTS = Path(__file__).parent
_ON_DEBIANS_SERVER = os.environ.get("LUXEWIN_TEST_SERVER") == "debian"


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run: its first process creates the folder that all of them share, and removes it at the end.

    The temporary folders of the tests are inside it, because another run of pytest would revoke the access of the
    database's user to the default one.
    """
    if not hasattr(config, "workerinput"):
        run = begin_run()
        config.add_cleanup(partial(end_run, run))
        config.option.basetemp = config.option.basetemp or run / "tests"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put slow files first; on the oldest PostgreSQL, run only the tests that use the database."""
    items.sort(key=_folder_rank)
    if _ON_DEBIANS_SERVER:
        others = [item for item in items if "server" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Distribute files to the processes of a run."""
    return _BySharedShops(config, log)


class _BySharedShops(LoadFileScheduling):
    """Keeps the files that share expensive shops in one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return _FOLDER_WITH_SHARED_SHOPS if file.startswith(_FOLDER_WITH_SHARED_SHOPS) else file


def _folder_rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(_TESTS).parts[0]
    return _SLOW_FOLDERS.index(folder) if folder in _SLOW_FOLDERS else len(_SLOW_FOLDERS)


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection: there are thousands, and they live to the end."""
    gc.collect()
    gc.freeze()


@dataclass(slots=True)
class TestDatabase:
    """A migrated database, and the connection arguments of each role."""

    __test__ = False

    owner: dict[str, Any]
    _connection: Any = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def role(self, purpose: str) -> dict[str, Any]:
        """Return the connection arguments of a login role: app, system or simulator."""
        return {**self.owner, "user": login_role(self.owner["database"], purpose), "password": PASSWORDS[purpose]}

    async def as_owner(self, sql: str, *parameters: Any) -> list[Any]:
        """Run SQL as the owner of all tables, which no role of the program may, on one persistent connection."""
        async with self._one_at_a_time:
            if self._connection is None:
                self._connection = await asyncpg.connect(**self.owner)
            return list(await self._connection.fetch(sql, *parameters))

    async def close(self) -> None:
        """Close that connection."""
        if self._connection is not None:
            await self._connection.close()


@pytest.fixture
def tmp_path(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test's own folder, which the user of a database server can reach: pytest makes its folders with mode 0700."""
    base = tmp_path_factory.getbasetemp()
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.is_relative_to(base.parent):
            break
        folder.chmod(0o711)
    return tmp_path


@pytest.fixture(scope="session")
def server() -> Iterator[TestServer]:
    """A private PostgreSQL: the embedded one, or Debian's with LUXEWIN_TEST_SERVER=debian."""
    start = start_debian if _ON_DEBIANS_SERVER else start_embedded
    with start() as running:
        yield running


@pytest.fixture(scope="session")
async def test_database(server: TestServer) -> AsyncIterator[TestDatabase]:
    """A database with the whole schema."""
    made = await make_database(server, f"test_{uuid4().hex[:12]}")
    yield made
    await made.close()


async def make_database(server: TestServer, name: str) -> TestDatabase:
    """Create a database with the whole schema and its login roles."""
    owner = server.connect_arguments()
    connection = await asyncpg.connect(**owner)
    try:
        await server.verify_identity(connection)
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    owner = {**owner, "database": name}
    connection = await asyncpg.connect(**owner)
    try:
        for statement in whole_schema(all_tables()):
            await connection.execute(statement)
        await ensure_login_roles(connection, name, LOGINS)
    finally:
        await connection.close()
    return TestDatabase(owner)


@pytest.fixture(scope="session")
async def database(test_database: TestDatabase) -> AsyncIterator[Database]:
    """The application's connection pools."""
    opened = await Database.open(test_database.role("app"), test_database.role("system"), PATIENT)
    yield opened
    await opened.close()


@pytest.fixture
def make_tenant() -> Callable[[], Awaitable[Tenancy]]:
    """A function that returns a new tenant at each call."""

    async def make() -> Tenancy:
        slug = f"shop-{uuid4().hex[:10]}"
        return Tenancy(id=new_id(), slug=slug, currency="USD")

    return make


@pytest.fixture
async def tenant(make_tenant: Callable[[], Awaitable[Tenancy]]) -> Tenancy:
    """A new tenant."""
    return await make_tenant()


@pytest.fixture
async def other_tenant(make_tenant: Callable[[], Awaitable[Tenancy]]) -> Tenancy:
    """A second new tenant, whose rows must not be visible to the first."""
    return await make_tenant()


@pytest.fixture
def admin(tenant: Tenancy) -> Principal:
    """An administrator of the tenant."""
    return Principal(Role.ADMIN, user_id=new_id(), session_id=new_id(), tenant_id=tenant.id)


@pytest.fixture
def customer(tenant: Tenancy) -> Principal:
    """A customer of the tenant."""
    return Principal(Role.CUSTOMER, user_id=new_id(), session_id=new_id(), tenant_id=tenant.id)
