"""The domain events of the catalogue; a product's events contain all that a search index needs."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEvent(DomainEvent):
    """Base of the events of a product; the aggregate is the product.

    `description` is plain text. `price_minor` is the price of the cheapest variant.
    """

    slug: str
    name: str
    description: str
    status: str
    tags: tuple[str, ...]
    category_id: UUID | None
    category_path: str | None
    vendor_id: UUID | None
    vendor_name: str | None
    skus: tuple[str, ...]
    options: tuple[str, ...]
    variant_ids: tuple[UUID, ...]
    price_minor: int
    currency: str
    image_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(ProductEvent):
    """A product was created."""

    type: ClassVar[str] = "catalog.product_created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(ProductEvent):
    """A product, or one of its variants, was changed."""

    type: ClassVar[str] = "catalog.product_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted(DomainEvent):
    """A product was deleted; its slug is free."""

    type: ClassVar[str] = "catalog.product_deleted"

    slug: str
    variant_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanged(DomainEvent):
    """A category was created, renamed or moved; the aggregate is the category.

    Categories below it have moved along: their paths begin with its path.
    """

    type: ClassVar[str] = "catalog.category_changed"

    slug: str
    name: str
    path: str
    previous_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDeleted(DomainEvent):
    """An empty category was deleted."""

    type: ClassVar[str] = "catalog.category_deleted"

    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionChanged(DomainEvent):
    """A collection was created or renamed, or its products changed; the aggregate is the collection."""

    type: ClassVar[str] = "catalog.collection_changed"

    slug: str
    name: str
    product_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionDeleted(DomainEvent):
    """A collection was deleted, but not its products."""

    type: ClassVar[str] = "catalog.collection_deleted"

    slug: str
