"""The demo shop's catalogue is complete and valid, and every product in it has a picture."""

import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from string import Template
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.demo.illustrations import svg_for
from luxewin.demo.pictures import picture
from luxewin.modules.catalog_import.domain.csv_files import read
from luxewin.modules.catalog_import.domain.shopify_csv import DecodedText, ProductDraft, RowError, Status, write

CATEGORIES = ["Living Room", "Bedroom", "Dining", "Lighting", "Outdoor", "Decor"]
PARAGRAPHS = re.compile(r"(?:<p>[^<>]+</p>)+")


@cache
def catalogue() -> tuple[ProductDraft, ...]:
    raw = files("luxewin.demo").joinpath("luxyhome.csv").read_bytes()
    results = list(read(DecodedText([raw]), exponent=2))
    assert not [result for result in results if isinstance(result, RowError)]
    return tuple(result for result in results if isinstance(result, ProductDraft))


def test_there_are_at_least_sixty_six_products_in_exactly_six_categories() -> None:
    sizes = Counter(product.type for product in catalogue())
    assert list(sizes) == CATEGORIES
    assert sizes.total() >= 66
    assert min(sizes.values()) >= 11


def test_every_product_is_for_sale_and_described_in_a_few_sentences() -> None:
    descriptions = Counter(product.description for product in catalogue())
    assert max(descriptions.values()) == 1
    for product in catalogue():
        assert (product.status, product.published, product.gift_card) == (Status.ACTIVE, True, False)
        assert PARAGRAPHS.fullmatch(product.description)
        assert 2 <= product.description.count(".") <= 4
        assert len(product.tags) >= 2
        assert product.seo_title
        assert product.seo_description


def test_the_products_come_from_three_to_five_vendors() -> None:
    assert 3 <= len({product.vendor for product in catalogue()}) <= 5


def test_every_variant_has_a_unique_sku_a_price_and_a_weight() -> None:
    variants = [variant for product in catalogue() for variant in product.variants]
    assert len({variant.sku for variant in variants}) == len(variants)
    for variant in variants:
        assert variant.sku
        assert 1_000 <= variant.price_minor <= 500_000
        assert variant.weight_grams is not None
        assert 100 <= variant.weight_grams <= 200_000
        assert variant.compare_at_minor is None or variant.compare_at_minor > variant.price_minor
        assert variant.cost_minor is not None
        assert variant.cost_minor < variant.price_minor


def test_stock_is_tracked_except_for_products_made_to_order() -> None:
    for product in catalogue():
        made_to_order = "made to order" in product.tags
        for variant in product.variants:
            assert variant.tracked is not made_to_order
            assert (variant.quantity is None) is made_to_order
            assert variant.inventory_tracker in ("", "shopify")
            assert variant.quantity is None or 0 <= variant.quantity <= 150
        assert made_to_order or any(variant.quantity for variant in product.variants)


def test_the_catalogue_has_variants_options_sale_prices_and_sold_out_variants() -> None:
    products = catalogue()
    assert sum(len(product.variants) > 1 for product in products) >= 30
    assert {len(product.options) for product in products} >= {0, 1, 2}
    assert sum(any(variant.compare_at_minor for variant in product.variants) for product in products) >= 15
    assert sum("made to order" in product.tags for product in products) >= 5
    assert any(variant.quantity == 0 for product in products for variant in product.variants)


def test_barcodes_are_unique_with_a_correct_check_digit_in_the_range_for_internal_use() -> None:
    codes = [variant.barcode for product in catalogue() for variant in product.variants if variant.barcode]
    assert len(set(codes)) == len(codes) > 100
    for code in codes:
        digits = [int(digit) for digit in code]
        assert code.startswith("20")
        assert len(digits) == 13
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_every_product_has_one_picture_served_by_the_shop_itself() -> None:
    for product in catalogue():
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", product.handle)
        assert [image.src for image in product.images] == [f"/demo/images/{product.handle}.svg"]
        assert product.images[0].alt


def test_the_catalogue_is_unchanged_by_an_export_and_import() -> None:
    assert tuple(read(write(catalogue(), exponent=2), exponent=2)) == catalogue()


@given(st.text(), st.text(), st.sampled_from(CATEGORIES) | st.text())
def test_a_picture_is_well_formed_for_every_title(handle: str, title: str, category: str) -> None:
    svg = ET.fromstring(svg_for(handle, title, category))  # noqa: S314 - rendered by this project
    assert svg.get("viewBox") == "0 0 800 800"
    assert svg.get("aria-label") == "".join(filter(str.isprintable, title))


def test_a_picture_is_the_same_each_time_and_no_two_products_have_the_same() -> None:
    pictures = [svg_for(product.handle, product.name, product.type) for product in catalogue()]
    assert pictures == [svg_for(product.handle, product.name, product.type) for product in catalogue()]
    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("word", ["script", "href", "url(", "http://", "https://", "<image", "style", "onload"])
def test_a_picture_has_no_references_scripts_or_styles(word: str) -> None:
    for product in catalogue():
        svg = svg_for(product.handle, product.name, product.type)
        assert word not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_every_template_is_assigned_to_titles_and_uses_only_defined_colours() -> None:
    folder = files("luxewin.demo")
    config = tomllib.loads(folder.joinpath("illustrations.toml").read_text("utf-8"))
    templates = {file.name: file.read_text("utf-8") for file in folder.joinpath("svg", "products").iterdir()}
    assigned = {name for _, name in (*config["by_title"], *config["by_title_outdoor"])}
    assert templates.keys() == {f"{name}.svg" for name in assigned}
    assert assigned >= set(config["by_category"].values())
    for palette in config["palettes"]:
        for template in templates.values():
            ET.fromstring(Template(template).substitute(config["materials"], **palette))  # noqa: S314 - rendered by this project


async def test_the_route_serves_the_picture_of_a_product_and_404_for_an_unknown_handle() -> None:
    product = catalogue()[0]
    served = await picture({"method": "GET", "headers": [], "path": f"/demo/images/{product.handle}.svg"})
    assert (served.status_code, served.headers["content-type"]) == (200, "image/svg+xml")
    assert bytes(served.body).decode() == svg_for(product.handle, product.name, product.type)
    known = [(b"if-none-match", served.headers["etag"].encode())]
    again = await picture({"method": "GET", "headers": known, "path": f"/demo/images/{product.handle}.svg"})
    assert (again.status_code, again.headers["content-security-policy"]) == (
        304,
        served.headers["content-security-policy"],
    )
    assert (await picture({"path": "/demo/images/unknown.svg"})).status_code == 404
