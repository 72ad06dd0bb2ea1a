"""Seeding of a new installation: the first super admin, the default tenant and, outside production, the demo shops."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.startup import StartupError
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.tenants.public import PLATFORM, Directory
from luxewin.runtime.installation import Installation

DEFAULT_ADMIN_EMAIL = "admin@luxewin.example"
DEMO_TENANTS = {"luxyhome": "Luxyhome", "luxewin": "LuxeWin Prize Draws"}
Report = Callable[[str], None]
"""Called with one line for each object created."""


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The credentials of the first super admin, with a generated password in plain text."""

    email: str
    password: str = field(repr=False)


async def seed(installation: Installation, *, report: Report) -> FirstAccount | None:
    """Create what the installation lacks; a second run changes nothing.

    Returns:
        The first super admin's credentials, if the account was created with a generated password. This is the only
        time that the password is available.

    Raises:
        StartupError: an account of a tenant has the address of the first super admin.
    """
    database = await installation.open_database()
    try:
        account = await _ensure_super_admin(installation, database, report)
        await _create_missing_tenants(installation, database, report)
    finally:
        await database.close()
    return account


async def _ensure_super_admin(installation: Installation, database: Database, report: Report) -> FirstAccount | None:
    configured = installation.settings.admin
    password = configured.password.get_secret_value() if configured.password else secrets.token_urlsafe(15)
    email = configured.email or DEFAULT_ADMIN_EMAIL

    async def ensure(tx: Transaction) -> bool:
        if await identity.super_admin_exists(tx):
            return False
        return await identity.ensure_super_admin(tx, email=email, password=password, name="First admin")

    try:
        created = await database.run(PLATFORM, SYSTEM, ensure)
    except identity.EmailTaken as error:
        raise StartupError(
            f"An account of a tenant has the address {email}, which the first super admin is to have: set another"
            " LUXEWIN_ADMIN_EMAIL, or change the address of that account"
        ) from error
    if created:
        report(f"Created the first super admin, {email}")
    return FirstAccount(email, password) if created and configured.password is None else None


async def _create_missing_tenants(installation: Installation, database: Database, report: Report) -> None:
    settings = installation.settings
    names = {settings.default_tenant: DEMO_TENANTS.get(settings.default_tenant, settings.default_tenant.title())}
    if not settings.is_production:
        names |= DEMO_TENANTS
    directory = Directory(database)
    missing = {slug: name for slug, name in names.items() if await directory.by_slug(slug) is None}
    if missing:
        from luxewin.demo.shops import create_shop

        for slug, name in missing.items():
            await create_shop(installation, database, directory, slug=slug, name=name, report=report)
