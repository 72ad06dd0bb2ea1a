"""The hand of the database's owner, who can break what nobody in the program may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation
from tests.program import Program


@asynccontextmanager
async def owner_of(program: Program) -> AsyncIterator[Any]:
    """Connect to a program's database as its owner, once it is sure that it is this program's."""
    installation = Installation.find(program.environment, SETTINGS_EXTENSIONS)
    connection = await asyncpg.connect(**installation.owner.connect_arguments())
    try:
        served = await connection.fetchval("SHOW data_directory")
        assert served.startswith(str(program.folder)), f"this is the server of {served}"
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def without_table(program: Program, table: str) -> AsyncIterator[None]:
    """Let a table be gone while the block runs."""
    async with owner_of(program) as owner:
        await owner.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            await owner.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
