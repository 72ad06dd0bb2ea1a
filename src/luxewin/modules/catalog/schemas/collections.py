"""Request and response bodies of collections."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from luxewin.kit.http.fields import Body, ShortText, Slug, View
from luxewin.kit.http.read_only import Replacement
from luxewin.modules.catalog.domain.collections import MOST_PRODUCTS, Collection
from luxewin.modules.catalog.schemas import examples
from luxewin.modules.catalog.schemas.patches import refuse_nulls
from luxewin.modules.catalog.schemas.products import Description


class CollectionBody(Replacement):
    """A complete collection; its products are listed in this order."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Winter evenings", "product_ids": [examples.PRODUCT_ID]}]}
    )

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "created_at", "updated_at", "version"})
    name: ShortText
    slug: Slug | None = None
    description: Description = ""
    product_ids: list[UUID] = Field(default_factory=list, max_length=MOST_PRODUCTS)


class CollectionPatch(Body):
    """A partial change of a collection; omitted fields stay unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"product_ids": [examples.PRODUCT_ID]}]})

    name: ShortText | None = None
    slug: Slug | None = None
    description: Description | None = None
    product_ids: list[UUID] | None = Field(None, max_length=MOST_PRODUCTS)

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        refuse_nulls(self, "name", "slug", "description", "product_ids")
        return self


class CollectionView(View):
    """A collection and its products, in the order in which they are listed."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.COLLECTION]})

    id: UUID
    slug: str
    name: str
    description: str
    product_ids: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, collection: Collection) -> Self:
        """Return the response model of a collection."""
        return cls.model_validate(collection)
