"""Refusals: what the domain says no to, each with a stable code and its facts. HTTP is not their business.

Refusal
├── InvalidInput          what was sent cannot be understood or is out of bounds
├── Unauthenticated       nobody, or nobody we believe
├── Forbidden             somebody, but not allowed
├── NotFound              absent, or another tenant's
├── Conflict              the state does not allow it (now)
├── PreconditionFailed    the object changed since it was read
├── PaymentDeclined       the gateway said no, for good
├── KeyReused             an idempotency key came back with another body
├── TooMany               a rate limit was reached
└── Unavailable           a dependency is missing; try again later
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Base of all refusals.

    `code` is stable and documented; `title` is for people; `facts` become members of the problem document.
    `retriable` marks a lost race that a fresh reading of the state may win.
    """

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused"
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
    """Nobody is signed in, or the credentials are not believed."""

    code = "identity.unauthenticated"
    title = "Sign in to do this"


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code = "identity.forbidden"
    title = "You do not have permission to do this"


class NotFound(DomainError):
    """There is no such thing, or it is not the caller's to see."""

    code = "request.not_found"
    title = "The requested object does not exist"


class Conflict(DomainError):
    """The state of things does not allow it."""

    code = "request.conflict"
    title = "The current state of the object does not allow this"


class Contended(Conflict):
    """Others kept changing the same rows; three tries were not enough."""

    code = "request.contended"
    title = "Too many simultaneous changes of the same object; try again"


class PreconditionFailed(DomainError):
    """The object changed since the caller read it."""

    code = "request.precondition_failed"
    title = "The object has changed since you read it; read it again"


class PaymentDeclined(DomainError):
    """The payment was declined, finally."""

    code = "payments.declined"
    title = "The payment was declined; try another payment method"


class KeyReused(DomainError):
    """An idempotency key was used before with another request."""

    code = "idempotency.key_reused"
    title = "This Idempotency-Key was already used for a different request; use a new key"


class TooMany(DomainError):
    """A limit was reached; `retry_after_seconds` says when to come back."""

    code = "request.rate_limited"
    title = "Too many requests; try again after the time in `Retry-After`"


class Unavailable(DomainError):
    """Something this request needs is not there; nothing was changed."""

    code = "service.unavailable"
    title = "The service is temporarily unavailable; try again shortly"
