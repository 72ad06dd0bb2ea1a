"""`luxewin tenant …`: create and list tenants."""

import secrets
from contextlib import closing
from typing import Any

from pydantic import ValidationError

from luxewin.cli.accounts import GENERATED_PASSWORD_BYTES
from luxewin.cli.database import open_database
from luxewin.kit.access import SYSTEM
from luxewin.kit.errors import DomainError
from luxewin.kit.http.fields import Body
from luxewin.kit.http.validation import input_error
from luxewin.kit.startup import StartupError
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import PLATFORM, Email
from luxewin.modules.payments.public import EndpointSecrets, open_gateways
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.workflow import Administrator, provision_tenant


class _Administrator(Body):
    admin_email: Email


async def add_tenant(
    installation: Installation, *, slug: str, name: str, currency: str, admin_email: str | None
) -> dict[str, Any]:
    """Create a tenant, and an administrator with a generated password if an address is given; return both.

    Raises:
        StartupError: a value is not valid, or another tenant or account has it.
    """
    try:
        new = NewTenant(slug=slug, name=name, currency=currency)
        email = None if admin_email is None else _Administrator(admin_email=admin_email).admin_email
    except ValidationError as error:
        wrong = [input_error({**item, "loc": ("body", *item["loc"])})["message"] for item in error.errors()]
        raise StartupError("\n".join(wrong)) from error
    password = None if email is None else secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
    async with open_database(installation) as database, open_gateways(installation) as gateways:
        try:
            if email is not None:
                await database.run(PLATFORM, SYSTEM, lambda tx: identity.must_not_be_super_admin_email(tx, email=email))
            tenant = await provision_tenant(
                database,
                gateways.offered,
                EndpointSecrets(installation.secrets.master_key),
                new,
                principal=SYSTEM,
                administrator=await _administrator(email, password),
            )
        except DomainError as error:
            raise StartupError(error.detail) from error
    admin = None if email is None else {"email": email, "password": password}
    return {"id": str(tenant.id), "slug": slug, "name": name, "currency": currency, "admin": admin}


async def read_tenants(installation: Installation) -> list[dict[str, Any]]:
    """Return the tenants of the installation, by slug."""
    async with open_database(installation) as database:
        tenants = await Directory(database).tenants()
    return [
        {
            "id": str(tenant.id),
            "slug": tenant.slug,
            "name": tenant.name,
            "currency": tenant.currency,
            "status": tenant.status.value,
            "domains": list(tenant.domains),
        }
        for tenant in tenants
    ]


async def _administrator(email: str | None, password: str | None) -> Administrator | None:
    if email is None or password is None:
        return None
    with closing(identity.Passwords(threads=1)) as passwords:
        return Administrator(email=email, password_hash=await passwords.hash(password))
