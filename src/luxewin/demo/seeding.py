"""Filling a fresh installation once: the first super admin, the default tenant, and in development the demo shops."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.tenants.public import PLATFORM, Directory
from luxewin.runtime.installation import Installation

MADE_UP_EMAIL = "admin@luxewin.example"
DEMO_TENANTS = {"luxyhome": "Luxyhome", "luxewin": "LuxeWin Prize Draws"}
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The first super admin's credentials, known in clear only when the password was made up here."""

    email: str
    password: str = field(repr=False)


async def seed(installation: Installation, *, tell: Tell) -> FirstAccount | None:
    """Make what a fresh installation lacks; a second run finds it all and changes nothing."""
    database = await installation.open_database()
    try:
        account = await _first_account(installation, database, tell)
        await _missing_tenants(installation, database, tell)
    finally:
        await database.close()
    return account


async def _first_account(installation: Installation, database: Database, tell: Tell) -> FirstAccount | None:
    """Make the first super admin; return the account when its password was made up, so that it can be shown once."""
    given = installation.settings.admin
    password = given.password.get_secret_value() if given.password else secrets.token_urlsafe(15)
    email = given.email or MADE_UP_EMAIL

    async def ensure(tx: Transaction) -> bool:
        if await identity.super_admin_exists(tx):
            return False
        return await identity.ensure_super_admin(tx, email=email, password=password, name="First admin")

    made = await database.run(PLATFORM, SYSTEM, ensure)
    if made:
        tell(f"Made the first super admin, {email}")
    return FirstAccount(email, password) if made and given.password is None else None


async def _missing_tenants(installation: Installation, database: Database, tell: Tell) -> None:
    settings = installation.settings
    wanted = {settings.default_tenant: DEMO_TENANTS.get(settings.default_tenant, settings.default_tenant.title())}
    if not settings.is_production:
        wanted |= DEMO_TENANTS
    directory = Directory(database)
    missing = {slug: name for slug, name in wanted.items() if await directory.by_slug(slug) is None}
    if missing:
        from luxewin.demo.shops import open_shop

        for slug, name in missing.items():
            await open_shop(installation, database, directory, slug=slug, name=name, tell=tell)
