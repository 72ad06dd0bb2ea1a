"""Every error of the API by its code, for the error reference and the OpenAPI documents."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from luxewin.kit.errors import DomainError
from luxewin.kit.http.problems import status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEntry:
    """A code with its status, its title and its meaning."""

    code: str
    status: int
    title: str
    meaning: str

    @property
    def topic(self) -> str:
        """The part of the program that raises it: the code before its first dot."""
        return self.code.partition(".")[0]


_WITHOUT_CLASS = (
    ErrorEntry(
        code="request.refused",
        status=400,
        title="The request breaks a rule of HTTP",
        meaning="The request breaks a rule of HTTP that has no code of its own; `title` names the rule.",
    ),
    ErrorEntry(
        code="service.deadline",
        status=503,
        title="The request took too long and was cancelled; send it again with the same Idempotency-Key",
        meaning="Its outcome is unknown: send it again with the same `Idempotency-Key`.",
    ),
    ErrorEntry(
        code="service.failed",
        status=500,
        title="Internal error; if it persists, report the `request_id`",
        meaning="A defect of the server; the logs contain the `request_id`.",
    ),
)
"""Errors that are sent without an error class."""


def error_entries() -> Mapping[str, ErrorEntry]:
    """Return every error whose class is loaded, by its code, in order of the codes."""
    entries = {entry.code: entry for entry in _WITHOUT_CLASS}
    for kind in _subclasses(DomainError):
        if "code" in vars(kind):
            entries.setdefault(kind.code, _entry(kind))
    return dict(sorted(entries.items()))


def _subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _entry(kind: type[DomainError]) -> ErrorEntry:
    meaning = " ".join((inspect.getdoc(kind) or "").split())
    return ErrorEntry(code=kind.code, status=status_of(kind), title=kind.title, meaning=meaning)
