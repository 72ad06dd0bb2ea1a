"""A product as it was before an import, stored as JSON for an undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from luxewin.modules.catalog.public.values import Content, Image, Option, Product, ProductStatus, Variant


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A product's content at one time, with the ids of its variants."""

    content: Content
    variant_ids: tuple[UUID, ...]

    @classmethod
    def of(cls, product: Product) -> Self:
        """Return a product's snapshot."""
        return cls(product.content, product.variant_ids)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Return the snapshot that was stored as this JSON."""
        content = stored["content"]
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
            tuple(map(UUID, stored["variant_ids"])),
        )


_IDS = ("category_id", "vendor_id", "product_type_id")
