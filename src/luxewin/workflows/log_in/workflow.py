"""How somebody is let in: prove who they are, open a session, bring the guest's cart along.

bcrypt runs between two transactions, so that no connection waits for it, and once on every path, so that a stranger
cannot tell a known address from an unknown one by the delay. Super admins are found on the platform from every tenant.
"""

from dataclasses import dataclass

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import PLATFORM, Credentials, Device, InvalidCredentials, OpenSession, Passwords


@dataclass(frozen=True, slots=True)
class Proved:
    """An account whose password was right a moment ago, where it lives, and its hash at today's cost if it was not."""

    account: Credentials
    home: Tenancy
    new_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who wants to be let in: on which device, holding which guest's cart."""

    device: Device
    cart_token: str | None


async def prove(
    database: Database,
    tenant: Tenancy,
    caller: Principal,
    *,
    passwords: Passwords,
    email: str,
    password: str,
    device: Device,
) -> Proved:
    """Find the account of an address, in the tenant or else on the platform, and check the password.

    Raises:
        InvalidCredentials: no such account, or another password; either is counted in the same way.
    """
    here = await database.run(tenant, caller, lambda tx: identity.account_of(tx, email))
    there = await database.run(PLATFORM, caller, lambda tx: identity.account_of(tx, email))
    account, home = (there, PLATFORM) if here is None and there is not None else (here, tenant)
    right = await passwords.match(password, None if account is None else account.password_hash)
    if account is None or not right:
        user_id = None if account is None else account.user.id
        await database.run(
            home, caller, lambda tx: identity.count_failed_attempt(tx, email, user_id=user_id, device=device)
        )
        raise InvalidCredentials
    outdated = passwords.is_outdated(account.password_hash)
    return Proved(account, home, await passwords.hashed(password) if outdated else None)


async def enter(tx: Transaction, proved: Proved, applicant: Applicant) -> OpenSession:
    """Open a session for an account that was proved, and give it the guest's cart.

    Raises:
        InvalidCredentials: the account rests or is suspended, or its password has changed since.
    """
    opened = await identity.log_in(tx, proved.account, device=applicant.device, new_hash=proved.new_hash)
    if proved.home.id != PLATFORM.id:
        await _bring_cart(tx, opened, applicant)
    return opened


async def join(tx: Transaction, applicant: Applicant, *, name: str, email: str, password_hash: str) -> OpenSession:
    """Make a customer's account, open its first session, and give it the guest's cart.

    Raises:
        EmailTaken: (at the flush) an account has this address, or one that reads the same.
    """
    user = await identity.register(tx, name=name, email=email, password_hash=password_hash)
    opened = await identity.open_session(tx, user, device=applicant.device)
    await _bring_cart(tx, opened, applicant)
    return opened


async def _bring_cart(tx: Transaction, opened: OpenSession, applicant: Applicant) -> None:
    if applicant.cart_token is not None:
        await cart.merge_guest(tx, token=applicant.cart_token, user_id=opened.user.id)
