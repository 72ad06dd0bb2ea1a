"""Create accounts."""

from contextlib import closing

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User, UserStatus, may_grant
from luxewin.modules.identity.domain.emails import EmailAddress
from luxewin.modules.identity.domain.passwords import weakness_of
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.errors import EmailTaken, RoleNotGrantable, WeakPassword
from luxewin.modules.identity.events import UserRegistered
from luxewin.modules.identity.repository import users
from luxewin.modules.identity.service.passwords import Passwords


def must_be_strong(password: str, *, email: str | None = None, pointer: str = "/password") -> None:
    """Check the strength of a password.

    Raises:
        WeakPassword: it is easy to guess; the message has the reason.
    """
    weakness = weakness_of(password, email=None if email is None else EmailAddress.parse(email))
    if weakness is not None:
        raise WeakPassword(weakness, pointer=pointer)


async def register(tx: Transaction, *, name: str, email: str, password_hash: str, role: Role = Role.CUSTOMER) -> User:
    """Create an account.

    Raises:
        RoleNotGrantable: the caller may not grant this role; callers who are not staff create customers only.
        EmailTaken: (at the flush) an account of the tenant, a super admin or, if this is a super admin, an account of
            any tenant has this address, or one that is equal after normalisation.
    """
    if not may_grant(tx.principal.role, role):
        raise RoleNotGrantable
    user = User(
        id=new_id(),
        name=name,
        email=email,
        role=role,
        status=UserStatus.ACTIVE,
        created_at=await tx.now(),
        version=1,
    )
    tx.write(*users.add(tx, user, EmailAddress.parse(email), password_hash))
    tx.publish(UserRegistered(aggregate_id=user.id, aggregate_version=1, role=role))
    if tx.principal.is_staff:
        tx.audit("identity.user_created", target=user.id, after={"role": role})
    return user


async def super_admin_exists(tx: Transaction) -> bool:
    """Return whether the installation has an active super admin; the transaction must be in the platform."""
    return bool(await users.lock_super_admins(tx))


async def ensure_super_admin(tx: Transaction, *, email: str, password: str, name: str) -> bool:
    """Create a super admin unless the platform has an account with this address; return whether one was created.

    The password of an existing account is not changed, so a variable left in the environment undoes no later change.
    The transaction must be in the platform, with the system as its principal.

    Raises:
        WeakPassword: the password is easy to guess.
    """
    if await users.key_is_taken(tx, EmailAddress.parse(email).key):
        return False
    must_be_strong(password, email=email)
    with closing(Passwords(threads=1)) as passwords:
        password_hash = await passwords.hash(password)
    await register(tx, name=name, email=email, password_hash=password_hash, role=Role.SUPER_ADMIN)
    return True


async def must_not_be_super_admin_email(tx: Transaction, *, email: str) -> None:
    """Check that no super admin has this address, before a command begins what it could not finish.

    The database checks it whenever an account is stored. The transaction must be in the platform.

    Raises:
        EmailTaken: a super admin has the address.
    """
    if await users.key_is_taken(tx, EmailAddress.parse(email).key):
        raise EmailTaken
