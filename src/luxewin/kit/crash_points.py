"""Crash points: positions at which a test makes a process kill itself, to show that nothing is lost or done twice.

They are placed wherever an effect becomes visible to others: around each commit of a write, each call to an external
system, each batch of published events, each response. A point is named by the operation (a route, or a job of the
worker), the position, and how often this run of the operation has reached that position:
`POST /api/v1/items · after commit · 2`.

They are disabled unless the settings name a folder for them, which only the test environment accepts. A disabled point
costs one read of a global variable.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self


class Position(StrEnum):
    """A position at which a process may be killed."""

    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"
    BEFORE_EXTERNAL_CALL = "before external call"
    AFTER_EXTERNAL_CALL = "after external call"
    BEFORE_PUBLISH = "before publish"
    AFTER_PUBLISH = "after publish"
    BEFORE_RESPONSE = "before response"
    AFTER_RESPONSE = "after response"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """One occurrence of a position in an operation."""

    operation: str
    position: Position
    occurrence: int = 1

    def __str__(self) -> str:
        return f"{self.operation} · {self.position} · {self.occurrence}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the result of `str`."""
        operation, position, occurrence = text.rsplit(" · ", 2)
        return cls(operation, Position(position), int(occurrence))


@dataclass(frozen=True, slots=True)
class CrashFolder:
    """The folder that a test shares with the processes of a program: the armed point, and the points reached so far."""

    path: Path

    def arm(self, point: CrashPoint) -> None:
        """Arm a point: the first process that reaches it is killed."""
        draft = self.path / "arming"
        draft.write_text(str(point), encoding="utf-8")
        draft.replace(self._armed)

    @property
    def is_armed(self) -> bool:
        """True until a process has reached the armed point."""
        return self._armed.exists()

    def disarm(self) -> None:
        """Disarm the point, if it is still armed."""
        self._armed.unlink(missing_ok=True)

    def reached(self) -> list[CrashPoint]:
        """Return all points that processes have reached, in order."""
        if not self._reached.exists():
            return []
        return [CrashPoint.parse(line) for line in self._reached.read_text(encoding="utf-8").splitlines()]

    def append(self, point: CrashPoint) -> None:
        """Append a point to those reached; a single write, so that the lines of several processes do not mix."""
        descriptor = os.open(self._reached, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{point}\n".encode())
        finally:
            os.close(descriptor)

    def claim(self, point: CrashPoint) -> bool:
        """Return whether to kill this process. If several processes reach the armed point, exactly one is killed."""
        try:
            if self._armed.read_text(encoding="utf-8") != str(point):
                return False
            self._armed.unlink()
        except FileNotFoundError:
            return False
        return True

    @property
    def _armed(self) -> Path:
        return self.path / "armed"

    @property
    def _reached(self) -> Path:
        return self.path / "reached"


@dataclass(frozen=True, slots=True)
class _Operation:
    name: Callable[[], str]
    occurrences: Counter[Position] = field(default_factory=Counter)


_folder: CrashFolder | None = None
_operation: ContextVar[_Operation | None] = ContextVar("operation", default=None)


def enable(folder: Path | None) -> None:
    """Enable the crash points of this process, with the folder of the test; None leaves them disabled."""
    global _folder  # noqa: PLW0603 - a property of the process; passing it through every call would cost each of them
    _folder = None if folder is None else CrashFolder(folder)


def begin_operation(name: Callable[[], str]) -> None:
    """Begin an operation in the current task; `name` is called only when a point is reached."""
    if _folder is not None:
        _operation.set(_Operation(name))


def crash_point(position: Position) -> None:
    """Kill this process if a test has armed this position; otherwise only record that it was reached."""
    if _folder is None or (operation := _operation.get()) is None:
        return
    operation.occurrences[position] += 1
    point = CrashPoint(operation.name(), position, operation.occurrences[position])
    _folder.append(point)
    if _folder.claim(point):
        os.kill(os.getpid(), signal.SIGKILL)
