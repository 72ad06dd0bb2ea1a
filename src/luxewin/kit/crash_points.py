"""Crash points: places where a test lets a process kill itself, to show that nothing is lost or done twice there.

They stand wherever something becomes true for somebody else: around each commit that changes anything, each question to
a gateway, each batch of facts that is published, each answer. A point is named by the story that is told (a route, or a
duty of the worker), the place, and how often this telling has come to that place:
`POST /orders · after commit · 2`.

Asleep, which they are unless the settings name a folder for them, a point costs the look at one global. The settings
take such a folder in the test environment alone.
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


class Place(StrEnum):
    """Where a process may die."""

    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"
    BEFORE_GATEWAY = "before gateway"
    AFTER_GATEWAY = "after gateway"
    BEFORE_PUBLISH = "before publish"
    AFTER_PUBLISH = "after publish"
    BEFORE_ANSWER = "before answer"
    AFTER_ANSWER = "after answer"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """A place in the telling of a story, and how often the telling has come there."""

    story: str
    place: Place
    passage: int = 1

    def __str__(self) -> str:
        return f"{self.story} · {self.place} · {self.passage}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` has written."""
        story, place, passage = text.rsplit(" · ", 2)
        return cls(story, Place(place), int(passage))


@dataclass(frozen=True, slots=True)
class CrashFolder:
    """What a test and the processes of a program tell each other: which point is armed, and which were passed."""

    path: Path

    def arm(self, point: CrashPoint) -> None:
        """Let the first process that comes to the point die there."""
        draft = self.path / "arming"
        draft.write_text(str(point), encoding="utf-8")
        draft.replace(self._armed)

    @property
    def is_armed(self) -> bool:
        """Whether nobody has come to the armed point yet."""
        return self._armed.exists()

    def disarm(self) -> None:
        """Let nobody die."""
        self._armed.unlink(missing_ok=True)

    def passed(self) -> list[CrashPoint]:
        """Return all points that were passed, by any process, in order."""
        if not self._passed.exists():
            return []
        return [CrashPoint.parse(line) for line in self._passed.read_text(encoding="utf-8").splitlines()]

    def note(self, point: CrashPoint) -> None:
        """Note that a point was passed; lines of several processes do not mix."""
        descriptor = os.open(self._passed, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{point}\n".encode())
        finally:
            os.close(descriptor)

    def claims(self, point: CrashPoint) -> bool:
        """Tell whether this process is the one to die here: of several that come, exactly one is."""
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
    def _passed(self) -> Path:
        return self.path / "passed"


@dataclass(frozen=True, slots=True)
class _Telling:
    name: Callable[[], str]
    passages: Counter[Place] = field(default_factory=Counter)


_folder: CrashFolder | None = None
_telling: ContextVar[_Telling | None] = ContextVar("telling", default=None)


def wake(folder: Path | None) -> None:
    """Let this process heed the points that are armed in the folder; without one, they go on sleeping."""
    global _folder  # noqa: PLW0603 - one process dies or does not; handing this through every call would cost each of them
    _folder = None if folder is None else CrashFolder(folder)


def begin_operation(name: Callable[[], str]) -> None:
    """Begin a telling in the current task; its name is asked for only where it is needed."""
    if _folder is not None:
        _telling.set(_Telling(name))


def crash_point(place: Place) -> None:
    """Pass a place, or die there."""
    if _folder is None or (telling := _telling.get()) is None:
        return
    telling.passages[place] += 1
    point = CrashPoint(telling.name(), place, telling.passages[place])
    _folder.note(point)
    if _folder.claims(point):
        os.kill(os.getpid(), signal.SIGKILL)
