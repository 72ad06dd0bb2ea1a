"""Services: objects that a process opens once at its start, such as caches, keys and gateways; found by type."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
Opener = Callable[["Services"], AbstractAsyncContextManager[Any]]
"""Opens a service for as long as the process runs; it opens other services with `services.open`."""


class Services:
    """The open services of a process, by their type."""

    def __init__(
        self, stack: AsyncExitStack, openers: Mapping[type[Any], Opener], given: Mapping[type[Any], Any]
    ) -> None:
        self._stack = stack
        self._openers = openers
        self._opened: dict[type[Any], Any] = dict(given)

    def __getitem__(self, kind: type[T]) -> T:
        """Return the service of this type, which must be open."""
        service: T = self._opened[kind]
        return service

    @property
    def opened(self) -> Mapping[type[Any], Any]:
        """All open services by their type."""
        return self._opened

    async def open(self, kind: type[T]) -> T:
        """Return the service of this type; open it first if it is not open yet.

        Raises:
            LookupError: no module provides such a service.
        """
        if kind not in self._opened:
            opener = self._openers.get(kind)
            if opener is None:
                raise LookupError(f"no module provides a {kind.__name__}; provide it in the `services` of a module.py")
            self._opened[kind] = await self._stack.enter_async_context(opener(self))
        return self[kind]


@asynccontextmanager
async def open_services(openers: Mapping[type[Any], Opener], given: Mapping[type[Any], Any]) -> AsyncIterator[Services]:
    """Open every service after its dependencies, and close them in reverse order; `given` ones are already open."""
    async with AsyncExitStack() as stack:
        services = Services(stack, openers, given)
        for kind in openers:
            await services.open(kind)
        yield services
