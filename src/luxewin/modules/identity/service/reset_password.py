"""Give an administrator a new password, from the command line of the machine."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User
from luxewin.modules.identity.domain.emails import email_key
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.domain.sessions import Device, SecurityEventKind, SessionEnd
from luxewin.modules.identity.errors import UserUnknown
from luxewin.modules.identity.events import PasswordChanged
from luxewin.modules.identity.repository import failures, security_events, users
from luxewin.modules.identity.service.sessions import end_sessions
from luxewin.modules.tenants.public import PLATFORM

MAX_ADMINISTRATORS = 100


async def list_administrators(tx: Transaction, *, email: str | None = None) -> Sequence[User]:
    """Return the administrators of the transaction's tenant, newest first: super admins if it is the platform.

    With `email`, only the one with this address.
    """
    role = Role.SUPER_ADMIN if tx.tenant_id == PLATFORM.id else Role.ADMIN
    key = None if email is None else email_key(email)
    return await users.page(tx, role=role, email_key=key, before=None, limit=MAX_ADMINISTRATORS)


async def reset_password(tx: Transaction, user: User, *, password_hash: str, device: Device) -> int:
    """Give an account that was read in this transaction another password; return how many sessions have ended.

    All locks after failed attempts end as well.

    Raises:
        UserUnknown: the account was deleted.
        UserChangedMeanwhile: (at the flush) another transaction changed the account first.
    """
    if await users.lock_credentials(tx, user.id) is None:
        raise UserUnknown
    ended = await end_sessions(tx, user_id=user.id, because=SessionEnd.PASSWORD_CHANGED)
    tx.write(
        *users.set_password(tx, user, password_hash),
        failures.clear_all(tx, email_key(user.email)),
        security_events.add(tx, user_id=user.id, kind=SecurityEventKind.PASSWORD_CHANGED, device=device),
    )
    tx.publish(PasswordChanged(aggregate_id=user.id, aggregate_version=user.version + 1))
    tx.audit("identity.password_reset", target=user.id)
    return len(ended)
