"""Mapping a product to its description in a file and back gives the same product."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, reject, settings

from luxewin.kit.ids import new_id
from luxewin.modules.catalog.domain.extra import extra_after_edit
from luxewin.modules.catalog.public.values import (
    CategoryName,
    Content,
    Product,
    ProductInvalid,
    ProductStatus,
    VendorName,
)
from luxewin.modules.catalog_import.domain.csv_files import read
from luxewin.modules.catalog_import.domain.export_mapping import draft_of, status_of
from luxewin.modules.catalog_import.domain.import_mapping import content_of, problems_of
from luxewin.modules.catalog_import.domain.shopify_csv import (
    COLUMNS,
    GOOGLE_FIELDS,
    ProductDraft,
    Status,
    VariantDraft,
    extra_columns_of,
    write,
)
from luxewin.modules.catalog_import.domain.variant_mapping import describe_variants
from tests.modules.catalog_import.test_shopify_csv_export import products

CATEGORY = CategoryName(id=UUID(int=1), slug="b", name="B", path="A/B")
VENDOR = VendorName(id=UUID(int=2), name="V")


def _content(draft: ProductDraft, before: Product | None, *, given_columns: frozenset[str] | None = None) -> Content:
    every = frozenset(COLUMNS) | frozenset(extra_columns_of([draft]))
    columns = every if given_columns is None else given_columns
    telling = replace(draft, given_columns=columns)
    if any(problem.code == "control_characters" for problem in problems_of(telling)):
        raise ProductInvalid
    return content_of(
        telling,
        describe_variants(telling, before, replaces=False),
        category_id=CATEGORY.id,
        vendor_id=VENDOR.id,
        before=before.content if before else None,
    )


def _stored(content: Content, draft: ProductDraft) -> tuple[Product, dict[UUID, int | None]]:
    product = Product(
        id=new_id(),
        content=content,
        variant_ids=tuple(new_id() for _ in content.variants),
        currency="USD",
        category=CATEGORY,
        vendor=VENDOR,
        lineage=(CATEGORY.id,),
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
        updated_at=datetime(2026, 11, 20, tzinfo=UTC),
        version=1,
    )
    stock = {
        variant_id: draft.quantity or 0 if draft.tracked else None
        for variant_id, draft in zip(product.variant_ids, draft.variants, strict=True)
    }
    return product, stock


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(products("Some handle"))
def test_an_exported_product_is_read_back_unchanged(given_draft: ProductDraft) -> None:
    draft = replace(given_draft, type="A/B", vendor="V")
    try:
        content = _content(draft, None)
    except ProductInvalid:
        reject()
    product, stock = _stored(content, draft)
    taken_out = draft_of(product, stock)
    [back] = read(write([taken_out], exponent=2), exponent=2)
    assert isinstance(back, ProductDraft)
    assert back == taken_out
    assert _content(back, product) == content


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(products("some-handle"))
def test_a_file_that_has_hardly_a_column_changes_hardly_anything(given_draft: ProductDraft) -> None:
    draft = replace(given_draft, type="A/B", vendor="V")
    try:
        content = _content(draft, None)
    except ProductInvalid:
        reject()
    bare = ProductDraft(
        handle=draft.handle,
        name=draft.name,
        options=draft.options,
        variants=tuple(VariantDraft(options=each.options, price_minor=each.price_minor) for each in draft.variants),
    )
    given_columns = frozenset({"Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price"})
    product, _ = _stored(content, draft)
    assert _content(bare, product, given_columns=given_columns) == content


@pytest.mark.parametrize(
    ("status", "published", "ours"),
    [
        (Status.ACTIVE, True, ProductStatus.ACTIVE),
        (Status.ACTIVE, False, ProductStatus.DRAFT),
        (Status.UNLISTED, True, ProductStatus.DRAFT),
        (Status.DRAFT, True, ProductStatus.DRAFT),
        (Status.ARCHIVED, True, ProductStatus.ARCHIVED),
    ],
)
def test_only_listed_products_of_a_file_are_for_sale(status: Status, published: bool, ours: ProductStatus) -> None:
    assert status_of(status, published=published) is ours
    draft = ProductDraft(
        handle="a", name="A", status=status, published=published, variants=(VariantDraft(price_minor=1),)
    )
    back = draft_of(*_stored(_content(draft, None), draft))
    assert (back.status, back.published) == (status, published)


def test_extra_values_that_an_edit_contradicts_are_dropped() -> None:
    draft = ProductDraft(handle="A B", name="A", published=False, variants=(VariantDraft(price_minor=1),))
    content = _content(draft, None)
    assert content.extra == {"handle": "A B", "status": "active", "published": False}
    assert extra_after_edit(content, content) == content.extra
    assert extra_after_edit(content, replace(content, status=ProductStatus.ACTIVE)) == {"handle": "A B"}
    assert extra_after_edit(content, replace(content, slug="c")) == {"status": "active", "published": False}


def test_a_column_of_an_advertiser_is_kept_for_the_product_that_has_it() -> None:
    field = GOOGLE_FIELDS[0]
    draft = ProductDraft(handle="a", name="A", google={field: "Chairs"}, variants=(VariantDraft(price_minor=1),))
    content = _content(draft, None)
    product, _ = _stored(content, draft)
    bare = replace(draft, google={})
    without_column = frozenset(COLUMNS) - {f"Google Shopping / {field}"}
    assert _content(bare, product, given_columns=without_column).extra == content.extra
    assert _content(bare, product).extra == {}
