"""Batches of a product file."""

from hypothesis import given, settings
from hypothesis import strategies as st

from luxewin.modules.catalog_import.domain.imports import BATCH_PRODUCTS, BATCH_VARIANTS, batches
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, VariantDraft

VARIANTS = tuple(VariantDraft(options=(str(place),), price_minor=1) for place in range(2048))


@settings(deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=2048), max_size=60))
def test_batches_are_complete_and_within_the_limits_of_a_transaction(sizes: list[int]) -> None:
    items = [_item(number, size) for number, size in enumerate(sizes)]
    cut = list(batches(items))
    assert [item for batch in cut for item in batch] == items
    for batch in cut:
        variants = [len(item.variants) for item in batch if isinstance(item, ProductDraft)]
        assert 0 < len(batch) <= BATCH_PRODUCTS
        assert sum(variants) <= BATCH_VARIANTS or len(batch) == 1


def _item(number: int, variants: int) -> ProductDraft | RowError:
    if variants == 0:
        return RowError(number, None, "code", "message")
    return ProductDraft(handle=str(number), name="A", options=("Size",), variants=VARIANTS[:variants])
