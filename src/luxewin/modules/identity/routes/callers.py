"""What the routes of identity ask of a call before its use case: where the caller lives, and whether it is them."""

from dataclasses import replace
from uuid import UUID

from pydantic import SecretStr

from luxewin.kit import idempotency
from luxewin.kit.access import Role
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.fields import Body
from luxewin.modules.identity.domain.sessions import Device
from luxewin.modules.identity.errors import ReauthenticationFailed
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.service.change_user import credentials_of, find_user
from luxewin.modules.identity.service.log_in import note_failed_attempt, still_proved
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.tenants.public import PLATFORM


def device_of(context: RequestContext) -> Device:
    """Return where the call comes from."""
    return Device.described(address=context.address, user_agent=context.headers.get("user-agent", ""))


def caller_id(context: RequestContext) -> UUID:
    """Return whose call it is, for operations that only somebody signed in may call."""
    if context.principal.user_id is None:
        raise Unauthenticated
    return context.principal.user_id


def at_home(context: RequestContext) -> RequestContext:
    """Return the call as it works where the caller's account lives: on the platform for a super admin."""
    return replace(context, tenant=PLATFORM) if context.principal.tenant_id == PLATFORM.id else context


async def near(context: RequestContext, user_id: UUID) -> RequestContext:
    """Return the call as it works where the named account lives, as far as the caller can reach it.

    That is the current tenant; for a super admin also the platform, where their own kind lives.
    """
    if context.principal.user_id == user_id:
        return at_home(context)
    if context.principal.role is Role.SUPER_ADMIN and await context.read(lambda tx: find_user(tx, user_id)) is None:
        return replace(context, tenant=PLATFORM)
    return context


def keyless(context: RequestContext) -> RequestContext:
    """Return the call without its idempotency key, for answers and bodies of which nothing may be stored."""
    return replace(context, key=None)


def keyed_without_secrets(context: RequestContext, body: Body) -> RequestContext:
    """Return the call with a key that stands for the body without its passwords, which a dump shows masked.

    What is stored of a request is a fast hash; over a password, it would help whoever has it to guess.
    """
    if context.key is None:
        return context
    told = body.model_dump_json().encode()
    return replace(context, key=replace(context.key, body_hash=idempotency.body_hash(told)))


async def reauthenticated(context: RequestContext, password: SecretStr) -> Credentials:
    """Return the caller's account once they have proved their password; a wrong one counts as a failed login.

    Raises:
        ReauthenticationFailed: the password is wrong, or the account rests.
    """
    home = at_home(context)
    account = await home.read(lambda tx: credentials_of(tx, caller_id(context)))
    if not await context.service(Passwords).match(password.get_secret_value(), account.password_hash):
        user, device = account.user, device_of(context)
        await home.read(lambda tx: note_failed_attempt(tx, user.email, user_id=user.id, device=device))
        raise ReauthenticationFailed
    if await home.read(lambda tx: still_proved(tx, account)) is None:
        raise ReauthenticationFailed
    return account
