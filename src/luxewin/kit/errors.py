"""Domain errors: each has a stable code and facts. They are independent of HTTP.

DomainError
├── InvalidInput          the request cannot be understood, or a value is out of bounds
├── Unauthenticated       there are no valid credentials
├── Forbidden             the caller is known, and may not do this
├── NotFound              absent, or of another tenant
├── Conflict              the current state does not allow it
├── PreconditionFailed    the object has changed since it was read
├── Declined              an external party declined, finally
├── KeyReused             an idempotency key was used before with another request
├── TooMany               a rate limit was reached
└── Unavailable           a dependency is unavailable; try again later
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Base of all domain errors.

    `code` is stable and documented; `title` is for people; `facts` become members of the problem document.
    `retriable` marks a lost race that may succeed with a new read of the state.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was rejected"
    retriable: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.facts = facts


class InvalidInput(DomainError):
    """The request cannot be understood, or a value is out of bounds."""

    code = "request.invalid"
    title = "The request is not valid"

    def __init__(self, detail: str | None = None, *, pointer: str | None = None, **facts: Any) -> None:
        super().__init__(detail, **facts)
        if pointer is not None:
            self.facts["errors"] = [{"pointer": pointer, "code": self.code, "message": self.detail}]


class Unauthenticated(DomainError):
    """There are no credentials, or they are not valid."""

    code = "identity.unauthenticated"
    title = "Sign in to do this"


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code = "identity.forbidden"
    title = "You do not have permission to do this"


class NotFound(DomainError):
    """The object does not exist, or the caller may not see it."""

    code = "request.not_found"
    title = "The requested object does not exist"


class Conflict(DomainError):
    """The current state does not allow it."""

    code = "request.conflict"
    title = "The current state of the object does not allow this"


class Contended(Conflict):
    """Three attempts failed because of concurrent changes of the same rows."""

    code = "request.contended"
    title = "Too many simultaneous changes of the same object; try again"


class PreconditionFailed(DomainError):
    """The object changed since the caller read it."""

    code = "request.precondition_failed"
    title = "The object has changed since you read it; read it again and repeat the change"


class Declined(DomainError):
    """An external party declined, finally."""

    code = "request.declined"
    title = "The request was declined"


class KeyReused(DomainError):
    """An idempotency key was used before with another request."""

    code = "idempotency.key_reused"
    title = "This Idempotency-Key was already used for a different request; use a new key"


class TooMany(DomainError):
    """A limit was reached; `retry_after_seconds` is the time until the next attempt."""

    code = "request.rate_limited"
    title = "Too many requests; try again after the time in `Retry-After`"


class Unavailable(DomainError):
    """A dependency of the request is unavailable. A write that is repeated needs the same idempotency key."""

    code = "service.unavailable"
    title = "The service is temporarily unavailable; try again shortly"
