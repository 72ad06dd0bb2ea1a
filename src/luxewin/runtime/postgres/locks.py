"""A lock that the operating system releases when its last holder has ended, also after a kill."""

import asyncio
import fcntl
import os
from pathlib import Path

_POLL_SECONDS = 0.02


class FolderLock:
    """An exclusive lock on a file.

    Programs that inherit the open file hold the lock too, and so do the processes that they fork.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file, to be inherited by a program."""
        assert self._descriptor is not None
        return self._descriptor

    def acquire(self) -> bool:
        """Acquire the lock; return False if another process holds it."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    async def acquire_within(self, timeout_seconds: float) -> bool:
        """Acquire the lock within a timeout, by polling; return False if it was not free."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while not self.acquire():
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    def release(self) -> None:
        """Release the lock in this process; processes that inherited it keep it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
