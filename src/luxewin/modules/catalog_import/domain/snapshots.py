"""A product as it was, kept as JSON until it may be wanted back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from luxewin.modules.catalog.public.values import Content, Image, Option, Product, ProductStatus, Variant


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A product's content at one time, with the ids that its variants had."""

    content: Content
    variant_ids: tuple[UUID, ...]

    @classmethod
    def of(cls, product: Product) -> Self:
        """Take a product's snapshot; what writes JSON can write it."""
        return cls(product.content, product.variant_ids)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return the snapshot that was written as this."""
        content = kept["content"]
        return cls(
            Content(
                **{
                    **content,
                    **{name: UUID(content[name]) if content[name] else None for name in _IDS},
                    "status": ProductStatus(content["status"]),
                    "tags": tuple(content["tags"]),
                    "images": tuple(Image(**image) for image in content["images"]),
                    "options": tuple(Option(option["name"], tuple(option["values"])) for option in content["options"]),
                    "variants": tuple(
                        Variant(**{**variant, "values": tuple(variant["values"])}) for variant in content["variants"]
                    ),
                }
            ),
            tuple(map(UUID, kept["variant_ids"])),
        )


_IDS = ("category_id", "vendor_id", "product_type_id")
