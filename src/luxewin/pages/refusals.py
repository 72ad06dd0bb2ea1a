"""Every refusal that the program knows, by its code: the vocabulary of the error reference and of the API documents."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from luxewin.kit.errors import DomainError
from luxewin.kit.http.problems import status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A code, the status it comes with, what it is called and when it is said."""

    code: str
    status: int
    title: str
    meaning: str

    @property
    def topic(self) -> str:
        """The part of the program that says it."""
        return self.code.partition(".")[0]


_OF_THE_EDGE = (
    Entry(
        code="request.unsupported_media_type",
        status=415,
        title="The body is of a kind that is not read here",
        meaning="Send JSON with `Content-Type: application/json`, and files as `multipart/form-data`.",
    ),
    Entry(
        code="request.refused",
        status=400,
        title="The request was refused",
        meaning="The request broke a rule of HTTP that has no code of its own; `title` says which.",
    ),
    Entry(
        code="service.deadline",
        status=503,
        title="The request took too long and was given up",
        meaning="Nothing is known of its outcome: send it again with the same `Idempotency-Key`.",
    ),
    Entry(
        code="service.failed",
        status=500,
        title="Something went wrong on our side",
        meaning="A defect; `request_id` finds it in the logs.",
    ),
)
"""What is answered without a refusal behind it."""


def refusals() -> Mapping[str, Entry]:
    """Return every refusal whose class is loaded, by its code, in order."""
    entries = {entry.code: entry for entry in _OF_THE_EDGE}
    for kind in _kinds_of(DomainError):
        if "code" in vars(kind):
            entries.setdefault(kind.code, _entry(kind))
    return dict(sorted(entries.items()))


def _kinds_of(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for heir in kind.__subclasses__():
        yield heir
        yield from _kinds_of(heir)


def _entry(kind: type[DomainError]) -> Entry:
    return Entry(
        code=kind.code, status=status_of(kind), title=kind.title, meaning=" ".join((inspect.getdoc(kind) or "").split())
    )
