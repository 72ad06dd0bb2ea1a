"""A lock that the operating system lets go of when its last holder is gone, however it went."""

import asyncio
import fcntl
import os
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.02


class FolderLock:
    """An exclusive lock on a file.

    A program that inherits the open file holds the lock as well, and so does every program that it forks in turn.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file, for a program to inherit."""
        assert self._descriptor is not None
        return self._descriptor

    def acquire(self) -> bool:
        """Take the lock, or answer False because somebody else holds it."""
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

    async def acquire_within(self, patience_seconds: float) -> bool:
        """Take the lock as soon as it is free; the system offers no such event with a time limit, so look again."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience_seconds
        while not self.acquire():
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return True

    def release(self) -> None:
        """Let go of it here; who has inherited it keeps it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
