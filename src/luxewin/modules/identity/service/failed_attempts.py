"""Count wrong passwords by account and network, and refuse locked ones, wherever a password is checked."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User
from luxewin.modules.identity.domain.emails import email_key
from luxewin.modules.identity.domain.lockout import FREE_ATTEMPTS_OF_STRANGERS, lock_seconds
from luxewin.modules.identity.domain.sessions import Device, SecurityEventKind
from luxewin.modules.identity.repository import failures, security_events, sessions
from luxewin.modules.identity.repository.failures import STRANGERS

_NOBODY = UUID(int=0)


async def count_failed_attempt(tx: Transaction, email: str, *, user_id: UUID | None, device: Device) -> None:
    """Count a failed attempt for an address, with or without an account, and lock its source after several.

    A network from which the account has logged in is counted on its own, every other one also with all others. While a
    source is locked nothing is counted, so that further attempts do not extend the lock.
    """
    key, network = email_key(email), failures.network(device.address)
    is_known = await sessions.knows_network(tx, user_id=user_id or _NOBODY, address=device.address)
    own = await failures.lock_row(tx, key, network)
    strangers = None if is_known else await failures.lock_row(tx, key, STRANGERS)
    if own.locked or (strangers is not None and strangers.locked):
        return
    lock = lock_seconds(own.failed + 1)
    tx.write(failures.count(tx, key, network, failed=own.failed + 1, lock_seconds=lock))
    if strangers is not None:
        failed = strangers.failed + 1
        shared = lock_seconds(failed, free_attempts=FREE_ATTEMPTS_OF_STRANGERS)
        tx.write(failures.count(tx, key, STRANGERS, failed=failed, lock_seconds=shared))
        lock = max(lock, shared)
    if user_id is not None:
        kind = SecurityEventKind.ACCOUNT_LOCKED if lock else SecurityEventKind.LOGIN_FAILED
        tx.write(security_events.add(tx, user_id=user_id, kind=kind, device=device))


async def is_locked(tx: Transaction, user: User, device: Device) -> bool:
    """Return whether the network of a device is locked for an account: by its own failures, or as a stranger."""
    key = email_key(user.email)
    if (await failures.of(tx, key, failures.network(device.address))).locked:
        return True
    if await sessions.knows_network(tx, user_id=user.id, address=device.address):
        return False
    return (await failures.of(tx, key, STRANGERS)).locked
