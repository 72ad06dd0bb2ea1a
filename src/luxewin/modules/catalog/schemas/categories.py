"""Request and response bodies of categories."""

from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from luxewin.kit.http.fields import Body, ShortText, Slug, View
from luxewin.kit.http.read_only import Replacement
from luxewin.modules.catalog.domain.categories import SEPARATOR, Category
from luxewin.modules.catalog.schemas import examples
from luxewin.modules.catalog.schemas.patches import refuse_nulls


def _no_separator(text: str) -> str:
    if SEPARATOR in text:
        raise ValueError("must not contain a slash: category paths separate names by slashes")
    return text


CategoryNameText = Annotated[ShortText, AfterValidator(_no_separator)]
Position = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class CategoryBody(Replacement):
    """A complete category; without a slug it gets one derived from its name, without a parent it is at the root."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Chairs", "parent_id": examples.PARENT_ID}]})

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "path", "created_at", "updated_at", "version"})
    name: CategoryNameText
    slug: Slug | None = None
    parent_id: UUID | None = None
    position: Position = 0


class CategoryPatch(Body):
    """A partial change of a category; omitted fields stay unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Armchairs"}]})

    name: CategoryNameText | None = None
    slug: Slug | None = None
    parent_id: UUID | None = None
    position: Position | None = None

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        refuse_nulls(self, "name", "slug", "position")
        return self


class CategoryView(View):
    """A category; `path` holds the names from the root down."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CATEGORY]})

    id: UUID
    parent_id: UUID | None
    slug: str
    name: str
    path: str
    position: int
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, category: Category) -> Self:
        """Return the response model of a category."""
        return cls.model_validate(category)


class CategoriesView(View):
    """The whole tree, parents before their children."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [examples.CATEGORY]}]})

    data: list[CategoryView]
