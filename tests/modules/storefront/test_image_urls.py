"""URLs of images: absolute in every response, for the host that was requested, also from the cache."""

from typing import Any

import httpx2
import pytest

from tests.modules.storefront.front import Front, Shop, add_product

STORED = "/demo/images/oslo.svg"
ELSEWHERE = "https://cdn.example/oslo.jpg"
HOSTS = ("phone.test:8000", "nobody.test", "[::1]:9000")


def _urls(answer: httpx2.Response) -> list[str]:
    body = answer.json()
    products: list[dict[str, Any]] = body.get("data", [body])
    return [image["url"] for product in products for image in product["images"]]


@pytest.fixture
async def product(staff: httpx2.AsyncClient) -> dict[str, Any]:
    """A product whose texts look like stored images."""
    return await add_product(
        staff,
        "Oslo",
        description='"url": "/not-an-image"',
        images=[{"url": STORED, "alt": '/: "/ "url": "/alt'}, {"url": ELSEWHERE}],
    )


@pytest.mark.parametrize("path", ["/products", "/products/oslo"])
async def test_every_host_gets_its_own_addresses_also_from_the_cache(
    front: Front, shop: Shop, product: dict[str, Any], path: str
) -> None:
    async with front.client(shop) as client:
        for _ in range(2):
            for host in HOSTS:
                answer = await client.get(path, headers={"host": host})
                assert _urls(answer) == [f"http://{host}{STORED}", ELSEWHERE]
                assert "Host" in answer.headers["vary"]
    assert _urls(httpx2.Response(200, json=product)) == [f"http://nobody.test{STORED}", ELSEWHERE]


async def test_a_text_that_looks_like_an_address_stays_as_it_is(
    visitor: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    read = (await visitor.get(f"/products/{product['id']}")).json()
    assert read["images"][0]["alt"] == '/: "/ "url": "/alt'
    assert read["description"] == product["description"]


async def test_each_host_has_its_own_entity_tag(front: Front, shop: Shop, product: dict[str, Any]) -> None:
    async with front.client(shop) as client:
        tags = {
            (await client.get(f"/products/{product['id']}", headers={"host": host})).headers["etag"] for host in HOSTS
        }
    assert len(tags) == len(HOSTS)


async def test_an_image_that_is_sent_back_stays_the_same_under_every_host(
    front: Front, shop: Shop, staff: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    images = [{"url": image["url"], "alt": image["alt"]} for image in product["images"]]
    changed = await staff.patch(f"/products/{product['id']}", json={"images": images})
    assert changed.status_code == 200, changed.text
    async with front.client(shop) as client:
        answer = await client.get(f"/products/{product['id']}", headers={"host": "phone.test"})
    assert _urls(answer) == [f"http://phone.test{STORED}", ELSEWHERE]
