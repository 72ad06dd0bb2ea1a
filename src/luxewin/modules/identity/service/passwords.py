"""Password hashing with bcrypt, in threads and with a bounded queue."""

import asyncio
import secrets
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt

from luxewin.modules.identity.domain.passwords import digest_of
from luxewin.modules.identity.errors import PasswordsBusy

T = TypeVar("T")

COST = 11
THREADS = 2
MAX_WAITING = 60
"""With two threads and 120 ms a hash, the last in the queue waits less than four seconds."""

_HASH_ALPHABET = string.ascii_letters + string.digits
_HASH_CHARACTERS = 31


class Passwords:
    """Hashes and checks passwords with bcrypt in its own threads, so that many logins slow only logins down.

    `cost` is the work factor of new hashes; a hash of another cost is replaced when its owner next logs in.
    """

    def __init__(self, *, cost: int = COST, threads: int = THREADS, max_waiting: int = MAX_WAITING) -> None:
        self._cost = cost
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._max_waiting = max_waiting
        self._waiting = 0
        self._dummy_hash = self._random_hash()

    def close(self) -> None:
        """Stop the threads after their current hash; queued ones are cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Return the hash to store.

        Raises:
            PasswordsBusy: the queue is full.
        """
        digest = digest_of(password)
        return await self._in_thread(lambda: bcrypt.hashpw(digest, bcrypt.gensalt(self._cost)).decode())

    async def match(self, password: str, stored: str | None) -> bool:
        """Return whether a password matches a stored hash.

        Without a hash (None) it spends the same time on a random one and returns False, so that the duration does not
        reveal whether an account exists.

        Raises:
            PasswordsBusy: the queue is full.
        """
        digest, against = digest_of(password), (stored or self._dummy_hash).encode()
        matched = await self._in_thread(lambda: bcrypt.checkpw(digest, against))
        return matched and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Return whether a hash has another cost than new hashes."""
        return not stored.startswith(f"$2b${self._cost:02}$")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise PasswordsBusy(retry_after_seconds=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _random_hash(self) -> str:
        # Well formed and with the current cost, so that a check takes as long as with a real hash.
        tail = "".join(secrets.choice(_HASH_ALPHABET) for _ in range(_HASH_CHARACTERS))
        return bcrypt.gensalt(self._cost).decode() + tail
