"""Request contexts of account operations: in the tenant of an account, with a safe key, after reauthentication."""

from dataclasses import replace
from uuid import UUID

from pydantic import SecretStr

from luxewin.kit import idempotency
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.fields import Body
from luxewin.modules.identity.domain.sessions import Device
from luxewin.modules.identity.errors import ReauthenticationFailed
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.service.change_user import credentials_of, find_user
from luxewin.modules.identity.service.failed_attempts import count_failed_attempt
from luxewin.modules.identity.service.fingerprints import Fingerprints
from luxewin.modules.identity.service.log_in import lock_if_unchanged
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.secret_checks import must_not_be_dry_run
from luxewin.modules.tenants.public import PLATFORM


def device_of(context: RequestContext) -> Device:
    """Return the device that sent the request."""
    return Device.of(address=context.address, user_agent=context.headers.get("user-agent", ""))


def caller_id(context: RequestContext) -> UUID:
    """Return the caller's account.

    Raises:
        Unauthenticated: the caller is anonymous.
    """
    if context.principal.user_id is None:
        raise Unauthenticated
    return context.principal.user_id


def in_home_tenant(context: RequestContext) -> RequestContext:
    """Return the context in the tenant of the caller's account: the platform for a super admin."""
    return replace(context, tenant=PLATFORM) if context.principal.tenant_id == PLATFORM.id else context


async def in_tenant_of_user(context: RequestContext, user_id: UUID) -> RequestContext:
    """Return the context in the tenant of an account, as far as the caller can access it.

    That is the current tenant or, for a super admin, the platform if the tenant does not have the account.
    """
    if context.principal.user_id == user_id:
        return in_home_tenant(context)
    if context.principal.is_super_admin and await context.transaction(lambda tx: find_user(tx, user_id)) is None:
        return replace(context, tenant=PLATFORM)
    return context


def without_key(context: RequestContext) -> RequestContext:
    """Return the context without its idempotency key, for responses and bodies that must not be stored."""
    return replace(context, key=None)


def with_masked_key(context: RequestContext, body: Body) -> RequestContext:
    """Return the context with a key whose body hash contains passwords as fingerprints only.

    The stored hash of a body is fast to compute: if it covered the password, a reader of the table could guess that. A
    fingerprint needs a key of the installation, and still tells another password from the same one. The dump of a body
    has its passwords masked.
    """
    if context.key is None:
        return context
    masked, fingerprint = body.model_dump_json().encode(), context.service(Fingerprints).of(body)
    return replace(context, key=replace(context.key, body_hash=idempotency.body_hash(masked, fingerprint)))


async def reauthenticate(context: RequestContext, password: SecretStr) -> Credentials:
    """Return the caller's account if the password is right; a wrong one counts as a failed login.

    Raises:
        DryRunNotSupported: the request is a dry run.
        ReauthenticationFailed: the password is wrong, or the caller's network is locked for the account.
    """
    must_not_be_dry_run(context)
    device = device_of(context)
    home = in_home_tenant(context)
    account = await home.transaction(lambda tx: credentials_of(tx, caller_id(context)))
    if not await context.service(Passwords).match(password.get_secret_value(), account.password_hash):
        user = account.user
        await home.transaction(lambda tx: count_failed_attempt(tx, user.email, user_id=user.id, device=device))
        raise ReauthenticationFailed
    if await home.transaction(lambda tx: lock_if_unchanged(tx, account, device=device)) is None:
        raise ReauthenticationFailed
    return account
