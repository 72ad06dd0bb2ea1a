"""`luxewin keys …` and `luxewin admin …`: the keys of the installation, and administrators' passwords."""

import secrets
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from rich.console import Console

from luxewin.cli.database import open_database
from luxewin.cli.products import named_tenant
from luxewin.kit.access import SYSTEM
from luxewin.kit.errors import DomainError
from luxewin.kit.startup import StartupError
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import PLATFORM, Device, SigningKeys, User, UserStatus
from luxewin.runtime.installation import Installation

console = Console(highlight=False)
GENERATED_PASSWORD_BYTES = 15
_DEVICE = Device("", "luxewin admin reset-password")


async def rotate_signing_key(installation: Installation) -> None:
    """Create a new signing key; tokens that are already signed stay valid until they expire."""
    async with open_database(installation) as database:
        kid = await SigningKeys(database, installation.secrets.master_key).rotate()
    console.print(f"The key {kid} is published, and signs new access tokens in ten minutes")


async def reset_admin_password(
    installation: Installation, *, email: str | None, tenant_slug: str | None, password: str | None
) -> dict[str, Any]:
    """Give an administrator this password, or a generated one, and return it; all sessions of the account end.

    Raises:
        StartupError: the account cannot be found, or the password is easy to guess.
    """
    chosen = password or secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
    async with open_database(installation) as database:
        tenant = PLATFORM if tenant_slug is None else await named_tenant(installation, database, tenant_slug)

        async def reset(tx: Transaction) -> tuple[User, int]:
            user = _only(await identity.list_administrators(tx, email=email), email)
            identity.must_be_strong(chosen, email=user.email)
            with closing(identity.Passwords(threads=1)) as passwords:
                password_hash = await passwords.hash(chosen)
            return user, await identity.reset_password(tx, user, password_hash=password_hash, device=_DEVICE)

        try:
            user, ended = await database.run(tenant, SYSTEM, reset)
        except DomainError as error:
            raise StartupError(error.detail) from error
    generated = {} if password is not None else {"password": chosen}
    return {"email": user.email, **generated, "ended_sessions": ended}


def _only(administrators: Sequence[User], email: str | None) -> User:
    active = [user for user in administrators if user.status is UserStatus.ACTIVE]
    if not administrators:
        named = "" if email is None else f" with the address {email}"
        raise StartupError(f"There is no administrator{named}: check --email and --tenant")
    if not active:
        raise StartupError("The administrator is suspended: another administrator must reinstate the account first")
    if len(active) > 1:
        raise StartupError(
            f"There are several administrators: name one with --email ({', '.join(user.email for user in active)})"
        )
    return active[0]
