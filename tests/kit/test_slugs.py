"""Slugs of texts in any script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.ids import new_id
from luxewin.kit.slugs import slug_of
from luxewin.modules.catalog.domain.names import slug_of_handle, slugs_for, slugs_of_handle
from luxewin.modules.vendors.domain import slugs_for as vendor_slugs_for

LONGEST = 180
EXAMPLES = [
    ("Straße", "strasse"),
    ("Æble Ørsted Łódź", "aeble-orsted-lodz"),
    ("Ångström", "angstrom"),
    ("Winter–Summer — now", "winter-summer-now"),
    ("Чашка", "chashka"),
    ("Κούπα", "koypa"),
    ("茶碗", "chawan"),
    ("İstanbul", "istanbul"),
    ("Men’s Men's", "mens-mens"),
    ("Mug™ 😀 blue", "mug-blue"),
    ("½ Liter № 4 €", "1-2-liter-no-4"),
    ("😀", ""),
]


@pytest.mark.parametrize(("text", "slug"), EXAMPLES)
def test_a_slug_loses_no_letter(text: str, slug: str) -> None:
    assert slug_of(text, longest=LONGEST) == slug


@pytest.mark.parametrize(("text", "slug"), [example for example in EXAMPLES if example[1]])
def test_products_vendors_and_handles_have_the_same_slugs(text: str, slug: str) -> None:
    assert slugs_for(text, kind="product", owner_id=new_id())[0] == slug
    assert vendor_slugs_for(text, vendor_id=new_id())[0] == slug
    assert slug_of_handle(text) == slug


@given(st.text(max_size=300))
def test_a_slug_is_valid_whatever_the_text(text: str) -> None:
    slug = slug_of(text, longest=LONGEST)
    assert len(slug) <= LONGEST
    assert slug == "" or re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)


def test_a_product_is_found_by_the_slug_that_an_earlier_release_made_of_its_handle() -> None:
    assert slugs_of_handle("Straße")[0] == "strasse"
    assert "strae" in slugs_of_handle("Straße")
    assert slugs_of_handle("oak-table") == ("oak-table",)
