"""Services: each is opened once, after those it needs; a missing one prevents the start."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from luxewin.kit.services import Opener, Services, open_services


class Keys:
    """Needed by the two others."""


class Tokens:
    """Needs keys."""


class Links:
    """Needs keys too."""


def openers(events: list[str]) -> Mapping[type[Any], Opener]:
    """Return the openers of three services, which record what they do."""

    def opener(kind: type[Any], *needed: type[Any]) -> Opener:
        @asynccontextmanager
        async def opened(services: Services) -> AsyncIterator[Any]:
            for other in needed:
                await services.open(other)
            events.append(f"open {kind.__name__}")
            yield kind()
            events.append(f"close {kind.__name__}")

        return opened

    return {Tokens: opener(Tokens, Keys), Links: opener(Links, Keys), Keys: opener(Keys)}


async def test_each_service_is_opened_once_after_those_it_needs_and_closed_before_them() -> None:
    events: list[str] = []
    async with open_services(openers(events), {}) as services:
        assert {kind: type(service) for kind, service in services.opened.items()} == {
            kind: kind for kind in (Keys, Tokens, Links)
        }
        assert await services.open(Keys) is services[Keys]
    assert events == ["open Keys", "open Tokens", "open Links", "close Links", "close Tokens", "close Keys"]


async def test_a_given_service_is_not_opened_again() -> None:
    events: list[str] = []
    given = Keys()
    async with open_services(openers(events), {Keys: given}) as services:
        assert services[Keys] is given
    assert "open Keys" not in events


async def test_a_service_that_no_module_provides_prevents_the_start_and_the_open_ones_are_closed() -> None:
    events: list[str] = []
    provided = {kind: opener for kind, opener in openers(events).items() if kind is not Keys}

    @asynccontextmanager
    async def first(_services: Services) -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            events.append("close int")

    with pytest.raises(LookupError, match="no module provides a Keys; provide it in the `services` of a module"):
        async with open_services({int: first, **provided}, {}):
            raise AssertionError("started without a service")
    assert events == ["close int"]
