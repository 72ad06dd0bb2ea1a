"""A value is cached exactly as long as its version is known and unchanged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from luxewin.modules.storefront.service.loading_cache import LoadingCache
from luxewin.modules.storefront.service.versioned_cache import TTL_SECONDS
from tests.modules.storefront.front import known_versions

TENANT, OTHER = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Page:
    text: str
    size_bytes: int = 10


class Catalogue:
    """A source of pages that counts the loads."""

    def __init__(self) -> None:
        self.text = "as it was"
        self.loads = 0

    async def load(self) -> Page:
        self.loads += 1
        return Page(self.text)


class Clock:
    """A time that only tests advance."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_value_is_cached_until_the_version_changes() -> None:
    versions, catalogue = known_versions(), Catalogue()
    cache: LoadingCache[Page] = LoadingCache(versions, clock=Clock())
    for _ in range(3):
        assert (await cache.get(TENANT, "list", catalogue.load)).text == "as it was"
    assert catalogue.loads == 1
    catalogue.text = "as it is"
    versions.bump(TENANT)
    assert (await cache.get(TENANT, "list", catalogue.load)).text == "as it is"
    assert catalogue.loads == 2


async def test_a_change_of_one_tenant_does_not_invalidate_the_values_of_another() -> None:
    versions, catalogue = known_versions(), Catalogue()
    cache: LoadingCache[Page] = LoadingCache(versions, clock=Clock())
    await cache.get(OTHER, "list", catalogue.load)
    versions.bump(TENANT)
    await cache.get(OTHER, "list", catalogue.load)
    assert catalogue.loads == 1


async def test_the_same_key_of_two_tenants_has_two_values() -> None:
    cache: LoadingCache[Page] = LoadingCache(known_versions(), clock=Clock())

    async def page(text: str) -> Page:
        return Page(text)

    assert (await cache.get(TENANT, "list", lambda: page("ours"))).text == "ours"
    assert (await cache.get(OTHER, "list", lambda: page("theirs"))).text == "theirs"
    assert (await cache.get(TENANT, "list", lambda: page("new"))).text == "ours"


async def test_a_value_expires_even_without_a_change() -> None:
    clock, catalogue = Clock(), Catalogue()
    cache: LoadingCache[Page] = LoadingCache(known_versions(), clock=clock)
    await cache.get(TENANT, "list", catalogue.load)
    clock.now = TTL_SECONDS
    await cache.get(TENANT, "list", catalogue.load)
    assert catalogue.loads == 2


async def test_while_versions_are_unknown_every_request_loads() -> None:
    versions, catalogue = known_versions(), Catalogue()
    cache: LoadingCache[Page] = LoadingCache(versions, clock=Clock())
    await cache.get(TENANT, "list", catalogue.load)
    versions.unsubscribed()
    for _ in range(3):
        await cache.get(TENANT, "list", catalogue.load)
    assert catalogue.loads == 4


async def test_a_value_cached_before_a_lost_subscription_is_not_used_after_it() -> None:
    versions, catalogue = known_versions(), Catalogue()
    cache: LoadingCache[Page] = LoadingCache(versions, clock=Clock())
    await cache.get(TENANT, "list", catalogue.load)
    versions.unsubscribed()
    versions.subscribed()
    await cache.get(TENANT, "list", catalogue.load)
    assert catalogue.loads == 2


class SlowCatalogue(Catalogue):
    """Returns, when allowed to, the page of the time when the load began."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def load(self) -> Page:
        page = await super().load()
        self.begun.set()
        await self.may_end.wait()
        return page


async def test_simultaneous_misses_share_one_load() -> None:
    catalogue = SlowCatalogue()
    cache: LoadingCache[Page] = LoadingCache(known_versions(), clock=Clock())
    readers = [asyncio.create_task(cache.get(TENANT, "list", catalogue.load)) for _ in range(50)]
    await catalogue.begun.wait()
    catalogue.may_end.set()
    assert {page.text for page in await asyncio.gather(*readers)} == {"as it was"}
    assert catalogue.loads == 1


async def test_a_load_that_began_before_a_change_is_neither_cached_nor_joined_after_it() -> None:
    versions, catalogue = known_versions(), SlowCatalogue()
    cache: LoadingCache[Page] = LoadingCache(versions, clock=Clock())
    before = asyncio.create_task(cache.get(TENANT, "list", catalogue.load))
    await catalogue.begun.wait()
    catalogue.text = "as it is"
    versions.bump(TENANT)
    after = asyncio.create_task(cache.get(TENANT, "list", catalogue.load))
    catalogue.may_end.set()
    assert (await after).text == "as it is"
    await before
    assert (await cache.get(TENANT, "list", catalogue.load)).text == "as it is"
    assert catalogue.loads == 2


async def test_a_cancelled_request_does_not_cancel_the_load_for_the_others() -> None:
    catalogue = SlowCatalogue()
    cache: LoadingCache[Page] = LoadingCache(known_versions(), clock=Clock())
    first, second = (asyncio.create_task(cache.get(TENANT, "list", catalogue.load)) for _ in range(2))
    await catalogue.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    catalogue.may_end.set()
    assert (await second).text == "as it was"


async def test_a_failure_reaches_all_waiting_requests_and_is_not_cached() -> None:
    cache: LoadingCache[Page] = LoadingCache(known_versions(), clock=Clock())

    async def fail() -> Page:
        raise ConnectionError

    outcomes = await asyncio.gather(*(cache.get(TENANT, "list", fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionError] * 3
    assert (await cache.get(TENANT, "list", Catalogue().load)).text == "as it was"


def loading(text: str, size_bytes: int, loaded: list[str]) -> Callable[[], Awaitable[Page]]:
    async def load() -> Page:
        loaded.append(text)
        return Page(text, size_bytes)

    return load


async def test_the_least_recently_used_value_is_evicted() -> None:
    cache: LoadingCache[Page] = LoadingCache(known_versions(), max_bytes=100, clock=Clock())
    loaded: list[str] = []
    for key in ("a", "b", "a", "c", "a", "b"):
        await cache.get(TENANT, key, loading(key, 40, loaded))
    assert loaded == ["a", "b", "c", "b"]


async def test_a_value_larger_than_the_cache_is_returned_but_not_cached() -> None:
    cache: LoadingCache[Page] = LoadingCache(known_versions(), max_bytes=100, clock=Clock())
    loaded: list[str] = []
    for _ in range(2):
        assert (await cache.get(TENANT, "huge", loading("huge", 101, loaded))).size_bytes == 101
    assert loaded == ["huge", "huge"]
