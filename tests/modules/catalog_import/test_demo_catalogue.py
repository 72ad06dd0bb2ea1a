"""The demo shop's own catalogue: complete, sound, and drawn."""

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.demo.illustrations import svg_for
from luxewin.modules.catalog_import.domain.shopify_csv import DecodedText, ProductDraft, RowError, Status, read, write

CATEGORIES = ["Living Room", "Bedroom", "Dining", "Lighting", "Outdoor", "Decor"]
PARAGRAPHS = re.compile(r"(?:<p>[^<>]+</p>)+")


@cache
def catalogue() -> tuple[ProductDraft, ...]:
    raw = files("luxewin.demo").joinpath("luxyhome.csv").read_bytes()
    found = list(read(DecodedText([raw]), exponent=2))
    assert not [each for each in found if isinstance(each, RowError)]
    return tuple(each for each in found if isinstance(each, ProductDraft))


def test_there_are_at_least_sixty_six_furnishings_in_exactly_six_categories() -> None:
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


def test_three_to_five_makers_share_the_shop() -> None:
    assert 3 <= len({product.vendor for product in catalogue()}) <= 5


def test_every_variant_has_an_unmistakable_sku_a_price_and_a_weight() -> None:
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


def test_stock_is_counted_where_it_is_kept_and_not_where_things_are_made_to_order() -> None:
    for product in catalogue():
        made_to_order = "made to order" in product.tags
        for variant in product.variants:
            assert variant.tracked is not made_to_order
            assert (variant.quantity is None) is made_to_order
            assert variant.inventory_tracker in ("", "shopify")
            assert variant.quantity is None or 0 <= variant.quantity <= 150
        assert made_to_order or any(variant.quantity for variant in product.variants)


def test_the_catalogue_shows_what_a_shop_can_have() -> None:
    products = catalogue()
    assert sum(len(product.variants) > 1 for product in products) >= 30
    assert {len(product.options) for product in products} >= {0, 1, 2}
    assert sum(any(variant.compare_at_minor for variant in product.variants) for product in products) >= 15
    assert sum("made to order" in product.tags for product in products) >= 5
    assert any(variant.quantity == 0 for product in products for variant in product.variants)


def test_barcodes_have_a_correct_check_digit_and_are_in_the_range_for_use_within_a_shop() -> None:
    codes = [variant.barcode for product in catalogue() for variant in product.variants if variant.barcode]
    assert len(set(codes)) == len(codes) > 100
    for code in codes:
        digits = [int(digit) for digit in code]
        assert code.startswith("20")
        assert len(digits) == 13
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_every_product_has_one_picture_that_the_shop_draws_itself() -> None:
    for product in catalogue():
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", product.handle)
        assert [image.src for image in product.images] == [f"/demo/images/{product.handle}.svg"]
        assert product.images[0].alt


def test_the_catalogue_is_the_same_after_an_export() -> None:
    assert tuple(read(write(catalogue(), exponent=2), exponent=2)) == catalogue()


@given(st.text(), st.text(), st.sampled_from(CATEGORIES) | st.text())
def test_a_picture_is_sound_whatever_it_is_named(handle: str, title: str, category: str) -> None:
    picture = ET.fromstring(svg_for(handle, title, category))  # noqa: S314 - our own drawing, not somebody's document
    assert picture.get("viewBox") == "0 0 800 800"
    assert picture.get("aria-label") == "".join(filter(str.isprintable, title))


def test_a_picture_is_the_same_each_time_and_differs_between_neighbours() -> None:
    pictures = [svg_for(product.handle, product.name, product.type) for product in catalogue()]
    assert pictures == [svg_for(product.handle, product.name, product.type) for product in catalogue()]
    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("word", ["script", "href", "url(", "http://", "https://", "<image", "style", "onload"])
def test_a_picture_refers_to_nothing_and_runs_nothing(word: str) -> None:
    for product in catalogue():
        drawn = svg_for(product.handle, product.name, product.type)
        assert word not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
