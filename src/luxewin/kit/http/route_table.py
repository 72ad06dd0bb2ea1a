"""The route table: finds the route of a request, with its policy, without trying one pattern after another.

The framework tries the pattern of every route in turn, which with more than a hundred routes takes longer than many
requests. Here a path is looked up segment by segment in a tree. The table is also the first entry of the
framework's own list of routes (see `BaseRoute`), so that a request whose route is found is passed to it directly; the
framework answers requests with unknown paths and methods.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from luxewin.kit.http.policies import (
    READ_METHODS,
    UNMATCHED_READ,
    UNMATCHED_WRITE,
    RoutePolicy,
    policy_of_other_methods,
)
from luxewin.kit.http.routing import GuardedRoute
from luxewin.kit.http.types import FOUND

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class FoundRoute:
    """The result for a request: its policy, and its route if there is one.

    template: the path template of the route, prefix included; None if no route matches.
    """

    policy: RoutePolicy
    route: GuardedRoute | None = None
    template: str | None = None
    parameters: tuple[str, ...] = ()


_UNMATCHED = {True: FoundRoute(UNMATCHED_READ), False: FoundRoute(UNMATCHED_WRITE)}
"""By whether the method is a read."""


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    routes: dict[str, FoundRoute] = field(default_factory=dict)
    others: dict[bool, FoundRoute] = field(default_factory=lambda: _UNMATCHED)


class RouteTable(BaseRoute):
    """The declared routes by method and path template."""

    def __init__(self, routers: Iterable[tuple[str, APIRouter]] = ()) -> None:
        """Compile the routes of routers, each with the prefix under which it is mounted."""
        self._static: dict[tuple[str, str], FoundRoute] = {}
        self._root = _Node()
        self._depth = 0
        self.routes: list[GuardedRoute] = []
        for prefix, router in routers:
            for route in router.routes:
                if isinstance(route, GuardedRoute):
                    self._add(prefix + route.path, route)

    @property
    def credential_headers(self) -> tuple[str, ...]:
        """All headers that routes declare as credentials, in lower case and in order."""
        return tuple(sorted({name for route in self.routes for name in route.policy.credential_headers}))

    @property
    def exposed_headers(self) -> tuple[str, ...]:
        """All response headers that routes declare as exposed, in order."""
        return tuple(sorted({name for route in self.routes for name in route.policy.exposed_headers}))

    def find(self, method: str, path: str) -> tuple[FoundRoute, list[str]]:
        """Return the policy and the route of a request, and the values of the parameters in its path."""
        found = self._static.get((method, path))
        if found is not None:
            return found, []
        is_read = method in READ_METHODS
        if path.endswith("/"):
            # No route ends with a slash, but the request counts against the limit of the path without it.
            return self._other(list(_ends(self._root, path.rstrip("/").split("/")[1:])), is_read=is_read), []
        segments = path.split("/")[1:]
        if len(segments) > self._depth:
            return _UNMATCHED[is_read], []
        node, values = self._root, list[str]()
        for segment in segments:
            child = node.children.get(segment)
            if child is None:
                if node.parameter is None or not segment:
                    break
                child = node.parameter
                values.append(segment)
            node = child
        else:
            if (found := node.routes.get(method)) is not None:
                return found, values
        # Rarely another route takes a literal segment as the value of a parameter.
        candidates = list(_ends(self._root, segments))
        for end, taken in candidates:
            if (found := end.routes.get(method)) is not None:
                return found, taken
        return self._other(candidates, is_read=is_read), []

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request whose route is found, for the framework."""
        if scope["type"] != "http":
            return Match.NONE, {}
        found, values = scope.get(FOUND) or self.find(scope["method"], scope["path"])
        if found.route is None or scope["method"] not in (found.route.methods or ()):
            return Match.NONE, {}
        parameters = dict(zip(found.parameters, values, strict=True))
        return Match.FULL, {FOUND: (found, values), "endpoint": found.route.endpoint, "path_params": parameters}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that was found handle the request."""
        route = scope[FOUND][0].route
        scope["route"] = route
        await route.app(scope, receive, send)

    def _other(self, candidates: Sequence[tuple[_Node, list[str]]], *, is_read: bool) -> FoundRoute:
        """Return the policy of a request whose method has no route; its path may have routes."""
        return next((end.others[is_read] for end, _ in candidates if end.routes), _UNMATCHED[is_read])

    def _add(self, template: str, route: GuardedRoute) -> None:
        node, parameters = self._root, list[str]()
        for segment in template.split("/")[1:]:
            if (parameter := _PARAMETER.fullmatch(segment)) is not None:
                parameters.append(parameter[1])
                node.parameter = node = node.parameter or _Node()
            elif "{" in segment:
                raise ValueError(f"{template}: a path parameter must be a segment of its own, without a converter")
            else:
                node = node.children.setdefault(segment, _Node())
        self._depth = max(self._depth, template.count("/"))
        found = FoundRoute(route.policy, route, template, tuple(parameters))
        for method in route.methods or ():
            node.routes.setdefault(method, found)
            if method == "GET":
                node.routes.setdefault("HEAD", found if route.policy.head_as_get else replace(found, route=None))
        if not parameters:
            self._static |= {(method, template): known for method, known in node.routes.items()}
        declared = [known.policy for known in node.routes.values()]
        node.others = {
            is_read: FoundRoute(policy_of_other_methods(declared, is_read=is_read)) for is_read in (True, False)
        }
        self.routes.append(route)


def _ends(node: _Node, segments: Sequence[str]) -> Iterator[tuple[_Node, list[str]]]:
    """Yield every node to which the segments lead, with the values of its parameters; literals first."""
    if not segments:
        yield node, []
        return
    first, rest = segments[0], segments[1:]
    if (child := node.children.get(first)) is not None:
        yield from _ends(child, rest)
    if node.parameter is not None and first:
        for end, values in _ends(node.parameter, rest):
            yield end, [first, *values]
