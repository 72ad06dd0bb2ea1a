"""Passwords: hashed and checked off the event loop, a few at a time."""

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
MOST_WAITING = 60
"""At two threads and 120 ms each, the last in line is served in under four seconds."""

_HASH_ALPHABET = string.ascii_letters + string.digits
_HASH_CHARACTERS = 31


class Passwords:
    """Hashes and checks passwords with bcrypt, in threads of its own, so that a wave of logins slows only logins.

    `cost` is the work factor of new hashes; a hash of another cost is replaced when its owner next logs in.
    """

    def __init__(self, *, cost: int = COST, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._cost = cost
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._most_waiting = most_waiting
        self._waiting = 0
        self._nobody = self._hash_of_nobody()

    def close(self) -> None:
        """Let the threads end once they have finished what they do."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hashed(self, password: str) -> str:
        """Return the hash to store.

        Raises:
            PasswordsBusy: too many wait already.
        """
        digest = digest_of(password)
        return await self._off_the_loop(lambda: bcrypt.hashpw(digest, bcrypt.gensalt(self._cost)).decode())

    async def match(self, password: str, stored: str | None) -> bool:
        """Tell whether a password is the stored one; with None, spend the same time on nobody's hash and say no.

        Raises:
            PasswordsBusy: too many wait already.
        """
        digest, against = digest_of(password), (stored or self._nobody).encode()
        matched = await self._off_the_loop(lambda: bcrypt.checkpw(digest, against))
        return matched and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash has another cost than new ones get."""
        return not stored.startswith(f"$2b${self._cost:02}$")

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most_waiting:
            raise PasswordsBusy(retry_after_seconds=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _hash_of_nobody(self) -> str:
        # Well formed and of today's cost, so that checking against it takes as long as against anybody's.
        tail = "".join(secrets.choice(_HASH_ALPHABET) for _ in range(_HASH_CHARACTERS))
        return bcrypt.gensalt(self._cost).decode() + tail
