"""The manifest of a module or a workflow, declared as `MODULE` in its `module.py`.

The entry points iterate over the manifests (`luxewin.installed`), so that adding a module edits none of them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import APIRouter

from luxewin.kit.invariant_checks import Check
from luxewin.kit.invariants import Invariants
from luxewin.kit.jobs import Job
from luxewin.kit.messaging.listeners import Listener
from luxewin.kit.sealing import Chain
from luxewin.kit.services import Opener, Services

K = TypeVar("K")
V = TypeVar("V")

Measurement = Callable[[Any], Awaitable[None]]
"""Sets metrics from a connection of the system's role."""


def no_jobs(_services: Services) -> Sequence[Job]:
    """Return no jobs."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """The manifest of a module or a workflow; every field is optional.

    Attributes:
        tags: Parts of the API documentation by their name, each with a description.
        routers: Routes below the API's prefix.
        root_routers: Routes at the root of the site, such as those below `/.well-known`.
        services: Functions that open a service, by its type; every process opens all of them.
        listeners: Reactions to domain events.
        jobs: Returns the worker's regular jobs.
        invariants: Queries that return no row unless an invariant is violated.
        checks: Invariants that a query cannot check.
        chains: Hash chains that the relay seals.
        append_only: Tables in which the application can neither change nor delete rows.
        channels: Types of domain events that the relay also notifies of on a channel of their own.
        measurements: Metrics that the relay reads from the database every few seconds.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    routers: Sequence[APIRouter] = ()
    root_routers: Sequence[APIRouter] = ()
    services: Mapping[type[Any], Opener] = field(default_factory=dict)
    listeners: Sequence[Listener] = ()
    jobs: Callable[[Services], Sequence[Job]] = no_jobs
    invariants: Invariants = field(default_factory=dict)
    checks: Sequence[Check] = ()
    chains: Sequence[Chain] = ()
    append_only: Sequence[str] = ()
    channels: Mapping[str, str] = field(default_factory=dict)
    measurements: Sequence[Measurement] = ()


def merged(declared: Mapping[str, Mapping[K, V]]) -> dict[K, V]:
    """Return what all modules declare as one mapping; `declared` is by the names of the modules.

    Raises:
        ValueError: two modules declare the same key; the message names both.
    """
    owners: dict[K, str] = {}
    values: dict[K, V] = {}
    for module, part in declared.items():
        for key, value in part.items():
            if key in owners:
                raise ValueError(f"{owners[key]} and {module} both declare {_name_of(key)}: remove it from one of them")
            owners[key] = module
            values[key] = value
    return values


def _name_of(key: object) -> str:
    return key.__name__ if isinstance(key, type) else repr(key)
