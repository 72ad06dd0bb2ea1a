"""Comparing the read-only fields of a body with the stored product; pure."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.modules.catalog.schemas.product_views import ProductView
from luxewin.modules.catalog.schemas.products import ProductFields, VariantBody


def must_agree(body: ProductFields, stored: ProductView | None, variant_ids: Sequence[UUID]) -> None:
    """Check that read-only fields of a product, its images and its variants are unchanged; None: it is a new product.

    `variant_ids` are the variants that the body describes, in its order.

    Raises:
        PreconditionFailed, InvalidInput: a field differs; see `Replacement.must_agree`.
    """
    body.must_agree(stored)
    images = {image.url: image for image in stored.images} if stored else {}
    for position, image in enumerate(body.images or ()):
        image.must_agree(images.get(image.url), at=f"/images/{position}")
    variants = {variant.id: variant for variant in stored.variants} if stored else {}
    for position, (listed, variant_id) in enumerate(zip(body.variants or (), variant_ids, strict=False)):
        listed.must_agree(variants.get(variant_id), at=f"/variants/{position}")
    if stored is None and body.variants is not None:
        for position, listed in enumerate(body.variants):
            listed.must_agree(None, at=f"/variants/{position}")


def variant_must_agree(body: VariantBody, stored: ProductView, variant_id: UUID) -> None:
    """Check that read-only fields of a variant are unchanged.

    Raises:
        InvalidInput: a field differs.
    """
    body.must_agree(next(variant for variant in stored.variants if variant.id == variant_id))
