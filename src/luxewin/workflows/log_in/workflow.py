"""Registering and logging in: authenticate, open a session, and give the account the guest's cart.

bcrypt runs between two transactions, so that no connection waits for it, and exactly once on every path, so that the
time taken does not reveal whether an address is known. Super admins are found on the platform from every tenant.
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
class Authenticated:
    """An account whose password was just checked, and its tenant.

    `new_hash` is the password's hash with the current cost, if the stored hash has another cost.
    """

    account: Credentials
    home: Tenancy
    new_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client that opens a session: its device, and the token of its guest's cart."""

    device: Device
    cart_token: str | None


async def authenticate(
    database: Database,
    tenant: Tenancy,
    caller: Principal,
    *,
    passwords: Passwords,
    email: str,
    password: str,
    device: Device,
) -> Authenticated:
    """Find the account of an address, on the platform or else in the tenant, and check the password.

    A super admin comes first: no account of a tenant may keep a super admin out.

    Raises:
        InvalidCredentials: no such account, or another password; both count as a failed attempt in the same way.
    """
    here = await database.run(tenant, caller, lambda tx: identity.account_of(tx, email))
    on_platform = await database.run(PLATFORM, caller, lambda tx: identity.account_of(tx, email))
    account, home = (here, tenant) if on_platform is None else (on_platform, PLATFORM)
    matches = await passwords.match(password, None if account is None else account.password_hash)
    if account is None or not matches:
        user_id = None if account is None else account.user.id
        await database.run(
            home, caller, lambda tx: identity.count_failed_attempt(tx, email, user_id=user_id, device=device)
        )
        raise InvalidCredentials
    is_outdated = passwords.is_outdated(account.password_hash)
    return Authenticated(account, home, await passwords.hash(password) if is_outdated else None)


async def open_session(tx: Transaction, authenticated: Authenticated, client: Client) -> OpenSession:
    """Open a session of an account, and merge the guest's cart into the account's.

    Raises:
        InvalidCredentials: the account is locked or suspended, or its password has changed since.
    """
    opened = await identity.log_in(tx, authenticated.account, device=client.device, new_hash=authenticated.new_hash)
    if authenticated.home.id != PLATFORM.id:
        await _merge_cart(tx, opened, client)
    return opened


async def register(tx: Transaction, client: Client, *, name: str, email: str, password_hash: str) -> OpenSession:
    """Create a customer's account, open its first session, and give it the guest's cart.

    Raises:
        EmailTaken: (at the flush) an account has this address, or one that is equal after normalisation.
    """
    user = await identity.register(tx, name=name, email=email, password_hash=password_hash)
    opened = await identity.open_session(tx, user, device=client.device)
    await _merge_cart(tx, opened, client)
    return opened


async def _merge_cart(tx: Transaction, opened: OpenSession, client: Client) -> None:
    if client.cart_token is not None:
        await cart.merge_guest(tx, token=client.cart_token, user_id=opened.user.id)
