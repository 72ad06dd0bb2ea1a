"""Request and response bodies of product types."""

from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator

from luxewin.kit.http.fields import Body, ShortText, View
from luxewin.kit.http.read_only import Replacement
from luxewin.modules.catalog.domain.attributes import Attribute, AttributeKind
from luxewin.modules.catalog.domain.product_types import ProductType
from luxewin.modules.catalog.schemas import examples

MOST_ATTRIBUTES = 100


class AttributeBody(Body):
    """An attribute of the type's products; they must have a value if it is required."""

    name: ShortText
    kind: AttributeKind
    required: Annotated[bool, Field(strict=True)] = False


class ProductTypeBody(Replacement):
    """A complete product type."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": examples.PRODUCT_TYPE["name"], "attributes": examples.PRODUCT_TYPE["attributes"]}]
        }
    )

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "created_at", "updated_at", "version"})
    name: ShortText
    attributes: list[AttributeBody] = Field(default_factory=list, max_length=MOST_ATTRIBUTES)

    @field_validator("attributes")
    @classmethod
    def _distinct(cls, attributes: list[AttributeBody]) -> list[AttributeBody]:
        if len({attribute.name for attribute in attributes}) < len(attributes):
            raise ValueError("must not contain two attributes with the same name")
        return attributes

    def declared(self) -> tuple[Attribute, ...]:
        """Return the attributes as domain values."""
        return tuple(
            Attribute(name=attribute.name, kind=attribute.kind, required=attribute.required)
            for attribute in self.attributes
        )


class AttributeView(View):
    """An attribute that products of the type have."""

    name: str
    kind: AttributeKind
    required: bool


class ProductTypeView(View):
    """A product type and the attributes it declares."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PRODUCT_TYPE]})

    id: UUID
    name: str
    attributes: list[AttributeView]
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, product_type: ProductType) -> Self:
        """Return the response model of a product type."""
        return cls.model_validate(product_type)


class ProductTypesView(View):
    """All product types by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [examples.PRODUCT_TYPE]}]})

    data: list[ProductTypeView]
