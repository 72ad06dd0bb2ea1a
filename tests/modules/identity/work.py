"""The work that a request causes, counted: hashes of passwords, and statements of transactions."""

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import bcrypt
import pytest

from luxewin.kit.transaction import Transaction


class Bcrypt:
    """Counts the calls of bcrypt and the threads that make them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.checked = 0
        self.hashed = 0
        self.threads: set[str] = set()
        check, hash_ = bcrypt.checkpw, bcrypt.hashpw

        def checkpw(password: bytes, hashed: bytes) -> bool:
            self.checked += 1
            self.threads.add(threading.current_thread().name)
            return check(password, hashed)

        def hashpw(password: bytes, salt: bytes) -> bytes:
            self.hashed += 1
            self.threads.add(threading.current_thread().name)
            return hash_(password, salt)

        monkeypatch.setattr(bcrypt, "checkpw", checkpw)
        monkeypatch.setattr(bcrypt, "hashpw", hashpw)


class Statements:
    """Counts the statements that transactions send."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent = 0
        for name in ("fetch", "fetchrow", "fetchval", "execute", "_send"):
            monkeypatch.setattr(Transaction, name, self._counting(getattr(Transaction, name)))

    def _counting(self, send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(*arguments: Any) -> Any:
            self.sent += 1
            return await send(*arguments)

        return counted
