"""The provider of a payment gateway: its name, and a function that opens its adapter."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import httpx2

from luxewin.kit.jobs import Job
from luxewin.modules.payments.gateways.protocol import PaymentGateway
from luxewin.runtime.installation import Installation


def no_jobs(_base_url: str) -> Sequence[Job]:
    """Return no jobs."""
    return ()


@dataclass(frozen=True, slots=True)
class OpenedGateway:
    """An adapter that is ready for calls; `jobs` returns what the worker runs for it, given the API's base URL."""

    gateway: PaymentGateway
    jobs: Callable[[str], Sequence[Job]] = no_jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxTokens:
    """Tokens with fixed outcomes in a gateway's sandbox: accepted, declined, and confirmed by the buyer first."""

    accepted: str
    declined: str
    requires_action: str


HttpClient = Callable[[], httpx2.AsyncClient]
"""Returns the HTTP client that the gateways of a process share; the first call creates it, which takes a while."""

OpenGateway = Callable[[Installation, HttpClient], AbstractAsyncContextManager[OpenedGateway]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProvider:
    """A registered payment gateway.

    `open` opens the adapter with the installation's settings and secrets, and closes it at the end; the HTTP
    client is closed by the caller. With `sandbox`, the contract test makes payments with these tokens.
    """

    name: str
    open: OpenGateway
    sandbox: SandboxTokens | None = None
