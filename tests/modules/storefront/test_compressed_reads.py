"""Compressed reads: lists and details in the encoding that the client accepts, with conditional requests."""

from typing import Any

import httpx2
import pytest

from tests.modules.storefront.front import add_product

LONG_TEXT = "An oak chair from Oslo. " * 100


@pytest.fixture
async def product(staff: httpx2.AsyncClient) -> dict[str, Any]:
    """A product with a long description."""
    return await add_product(staff, "Oslo", description=LONG_TEXT)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@pytest.mark.parametrize("path", ["/products", "/products/{id}"])
async def test_a_compressed_read_is_the_same_and_can_be_revalidated(
    visitor: httpx2.AsyncClient, product: dict[str, Any], path: str, encoding: str
) -> None:
    url = path.format(id=product["id"])
    plain = await visitor.get(url, headers={"accept-encoding": "identity"})
    from_route = await visitor.get(url, headers={"accept-encoding": encoding})
    from_cache = await visitor.get(url, headers={"accept-encoding": encoding})
    for compressed in (from_route, from_cache):
        assert compressed.headers["content-encoding"] == encoding
        assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"])
        assert compressed.content == plain.content
        assert "Accept-Encoding" in compressed.headers["vary"]
    tags = {from_cache.headers["etag"], plain.headers["etag"]}
    assert len(tags) == 2
    for tag in tags:
        again = await visitor.get(url, headers={"accept-encoding": encoding, "if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")


async def test_the_tag_of_a_compressed_product_protects_a_write(
    staff: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    url = f"/products/{product['id']}"
    tag = (await staff.get(url, headers={"accept-encoding": "br"})).headers["etag"]
    assert tag.endswith('-br"')
    assert (await staff.patch(url, json={"name": "Bergen"}, headers={"if-match": tag})).status_code == 200
    assert (await staff.patch(url, json={"name": "Oslo"}, headers={"if-match": tag})).status_code == 412


async def test_the_response_to_a_write_is_not_compressed(staff: httpx2.AsyncClient) -> None:
    body = {"name": "Bergen", "price": {"amount": 1000, "currency": "USD"}, "description": LONG_TEXT}
    answer = await staff.post("/products", json=body, headers={"accept-encoding": "br, gzip"})
    assert (answer.status_code, "content-encoding" in answer.headers) == (201, False)
