"""The pure rules of the catalogue."""

import re
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from luxewin.modules.catalog.domain.addresses import is_image_address
from luxewin.modules.catalog.domain.categories import join_names, path_key, path_names
from luxewin.modules.catalog.domain.changes import Change, passed_on_skus
from luxewin.modules.catalog.domain.descriptions import plain_text, sanitise
from luxewin.modules.catalog.domain.names import slug_of_handle, slugs_for, sort_key
from luxewin.modules.catalog.domain.products import Content, Option, Variant, options_of
from luxewin.modules.catalog.errors import CategoryInvalid, ProductInvalid

ID = UUID("0199a1b2-7c00-7000-8000-0123456789ab")
MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<b", "<script>", "</script>", "&lt;", "&amp;", "<a href='javascript:x'>", "<!--", " "]
    )
    | st.text(max_size=5)
).map("".join)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_a_slug_is_valid_in_an_address_whatever_the_name(name: str) -> None:
    slugs = slugs_for(name, kind="product", owner_id=ID)
    assert all(slug_of_handle(slug) == slug and len(slug) <= 200 for slug in slugs)
    assert len(set(slugs)) == len(slugs)
    assert slugs[-1].endswith("0123456789ab")


@settings(deadline=None)
@given(st.text(min_size=1, max_size=255))
def test_a_handle_always_makes_the_same_address(handle: str) -> None:
    slug = slug_of_handle(handle)
    assert slug_of_handle(slug) == slug


@pytest.mark.parametrize(
    ("handle", "slug"),
    [("ocean-shirt", "ocean-shirt"), ("Ocean Shirt", "ocean-shirt"), ("café_№1", "cafe-no1"), ("-a--b-", "a-b")],
)
def test_a_handle_is_simplified_no_more_than_it_must_be(handle: str, slug: str) -> None:
    assert slug_of_handle(handle) == slug


def test_names_are_sorted_as_people_look_them_up() -> None:
    names = ["Zebra", "apple", "Éclair", "eclipse", "Äpfel", "banana"]
    assert sorted(names, key=sort_key) == ["Äpfel", "apple", "banana", "Éclair", "eclipse", "Zebra"]


@settings(deadline=None)
@given(MARKUP)
@example("<<script>script>alert(1)</script>")
@example("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>")
def test_a_description_that_was_cleaned_stays_as_it_is(text: str) -> None:
    cleaned = sanitise(text)
    assert sanitise(cleaned) == cleaned
    assert "<script" not in cleaned.lower()
    assert not re.search(r"<[^>]*javascript:", cleaned, re.IGNORECASE)


@pytest.mark.parametrize(
    ("description", "seen"),
    [
        ("<p>Soft</p><p>linen</p>", "Soft linen"),
        ("Tables &amp; chairs", "Tables & chairs"),
        ("<style>p{}</style>a<br>b", "a b"),
        ("", ""),
    ],
)
def test_the_plain_text_of_a_description_is_its_visible_text(description: str, seen: str) -> None:
    assert plain_text(description) == seen


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_address_leaves_the_web_or_the_site(text: str) -> None:
    if is_image_address(text):
        lowered = text.lower()
        assert lowered.startswith(("http://", "https://")) or (text[0] == "/" and text[1:2] not in {"/", "\\"})


def test_a_path_is_the_same_however_it_is_spelled() -> None:
    names = path_names(" Living  Room /sofas")
    assert names == ("Living Room", "sofas")
    assert path_key(join_names(names)) == path_key("LIVING ROOM/Sofas")


@pytest.mark.parametrize("path", ["", "/", "a//b", " / a", "/".join("abcdefghi"), "x" * 256])
def test_a_path_that_cannot_be_one_is_refused(path: str) -> None:
    with pytest.raises(CategoryInvalid):
        path_names(path)


def test_options_keep_the_order_they_were_given_and_no_value_that_nothing_has() -> None:
    variants = [Variant(values=("L", "Red"), price_minor=1), Variant(values=("S", "Blue"), price_minor=1)]
    preferred = [Option("Size", ("S", "M", "L")), Option("Material", ("Oak",))]
    assert options_of(["Size", "Colour"], variants, preferred=preferred) == (
        Option("Size", ("S", "L")),
        Option("Colour", ("Red", "Blue")),
    )


@pytest.mark.parametrize(
    "variants",
    [
        [],
        [Variant(values=("S",), price_minor=1)] * 2,
        [Variant(values=(), price_minor=1)],
        [Variant(values=("S",), sku="A", price_minor=1), Variant(values=("M",), sku="A", price_minor=1)],
    ],
)
def test_a_product_that_does_not_fit_together_cannot_be_made(variants: list[Variant]) -> None:
    with pytest.raises(ProductInvalid):
        Content(slug="a", name="A", options=(Option("Size", ("S", "M")),), variants=tuple(variants))


def test_a_new_product_adds_everything_and_leaves_nothing() -> None:
    content = Content(slug="a", name="A", tags=("Sale", "sale", "new"), variants=(Variant(price_minor=1, sku="A"),))
    change = Change(
        product_id=ID,
        before=None,
        content=content,
        variant_ids=(ID,),
        lineage=(ID,),
        category_path="A",
        vendor_name=None,
    )
    assert (change.version, len(change.added), change.altered, change.removed_ids) == (1, 1, [], [])
    assert (change.gained_tags, change.lost_tags) == (frozenset({"sale", "new"}), frozenset())
    assert (change.entered_categories, change.left_categories) == (frozenset({ID}), frozenset())
    assert passed_on_skus([change]) == []
