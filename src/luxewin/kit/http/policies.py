"""Route policies: the treatment of a request by the middleware, declared together with the route."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypedDict

from luxewin.kit.http.limits import PUBLISHED_LIMITS, READS, WRITES
from luxewin.kit.http.priorities import Priority

READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePolicy:
    """Admission, limits, authentication and reading of the requests to one route.

    priority: the priority in admission control; None admits every request.
    rate_limit: the published rate limit that requests count against; None counts against none.
    requires_https: whether plain HTTP is rejected if the installation requires HTTPS.
    authenticates: whether an access token is verified. Routes that receive credentials in the body ignore one, so that
        a client whose token has expired can still log in.
    accepts_upload: whether a multipart body is spooled to disk, within the limits of uploads.
    sends_file: whether the response is a file that is made while it is sent, which may take longer than others.
    sends_finished_file: whether the response is a file that is complete when it begins: sending it takes no slot, and
        as long as the client reads.
    holds_secrets: whether the response to a read contains a secret. It is never compressed, because the length of a
        compressed response can reveal what it contains; responses to writes never are.
    head_as_get: whether a direct call answers HEAD like GET.
    cacheable: whether the response cache may answer.
    invalidates_cache: whether a successful response makes the cached responses of its tenant stale.
    credential_headers: lower-case names of request headers that authorise a caller without an account. Only routes that
        declare one receive it; it may be given once, and browsers on allowed sites may send it.
    exposed_headers: names of response headers that browsers on allowed sites may read, beside the common ones.
    """

    priority: Priority | None = Priority.LISTS
    rate_limit: str | None = READS
    requires_https: bool = True
    authenticates: bool = True
    accepts_upload: bool = False
    sends_file: bool = False
    sends_finished_file: bool = False
    holds_secrets: bool = False
    head_as_get: bool = False
    cacheable: bool = False
    invalidates_cache: bool = False
    credential_headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()


class PolicyOptions(TypedDict, total=False):
    """The fields of a policy that a route or a router may declare; see `RoutePolicy`."""

    priority: Priority
    rate_limit: str
    authenticates: bool
    accepts_upload: bool
    sends_file: bool
    sends_finished_file: bool
    holds_secrets: bool
    head_as_get: bool
    cacheable: bool
    invalidates_cache: bool
    credential_headers: tuple[str, ...]
    exposed_headers: tuple[str, ...]


UNMATCHED_READ = RoutePolicy()
UNMATCHED_WRITE = RoutePolicy(rate_limit=WRITES)
"""The policies of requests without a route: the lowest priority, and no option that raises a limit."""

PAGE = RoutePolicy()
"""The default policy of pages outside the API: they count as reads of the caller's address."""

PROBE = RoutePolicy(priority=None, rate_limit=None, requires_https=False)
"""The policy of health checks and metrics: always admitted, and over plain HTTP in production too."""


def default_policy(method: str, path: str) -> RoutePolicy:
    """Return the policy of a route that declares nothing, from its method and its path template."""
    if method not in READ_METHODS:
        return RoutePolicy(priority=Priority.WRITES, rate_limit=WRITES)
    return RoutePolicy(priority=Priority.DETAILS if "{" in path else Priority.LISTS)


def policy_of_other_methods(declared: Collection[RoutePolicy], *, is_read: bool) -> RoutePolicy:
    """Return the policy of requests to a declared path with another method: its strictest rate limit counts."""
    own = READS if is_read else WRITES
    limits = [own, *(policy.rate_limit for policy in declared if policy.rate_limit is not None)]
    return RoutePolicy(rate_limit=min(limits, key=PUBLISHED_LIMITS.__getitem__))
