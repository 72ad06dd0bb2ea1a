"""Create a thousand accounts with sessions, without hashing passwords, which would take minutes."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.access import ANONYMOUS
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import Device
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.log_in.workflow import Client, register
from tests.program import Program

_AT_ONCE = 8
_NO_PASSWORD = "no password has this hash"


async def create_accounts(program: Program, count: int) -> list[str]:
    """Register accounts in the default shop, and return the `Authorization` header of each."""
    installation = Installation.find(program.environment, SETTINGS_EXTENSIONS)
    database = await installation.open_database()
    try:
        tenant = await Directory(database).by_slug(installation.settings.default_tenant)
        assert tenant is not None, "the program has a default tenant"
        keys = identity.SigningKeys(database, installation.secrets.master_key)
        signer = await keys.signer()
        client = Client(device=Device(address="127.0.0.1", user_agent="test"), cart_token=None)
        limit = asyncio.Semaphore(_AT_ONCE)

        async def registered() -> str:
            email = f"{uuid4().hex}@example.com"
            async with limit:
                opened = await database.run(
                    tenant,
                    ANONYMOUS,
                    lambda tx: register(tx, client, name="Ada", email=email, password_hash=_NO_PASSWORD),
                )
            return f"Bearer {identity.tokens_of(opened, tenant_id=tenant.id, keys=keys, signer=signer).access_token}"

        return await asyncio.gather(*(registered() for _ in range(count)))
    finally:
        await database.close()


async def rows(program: Program, sql: str, *parameters: Any) -> list[Any]:
    """Run a query as the owner of the database."""
    connection = await asyncpg.connect(
        **Installation.find(program.environment, SETTINGS_EXTENSIONS).owner.connect_arguments()
    )
    try:
        return list(await connection.fetch(sql, *parameters))
    finally:
        await connection.close()
