"""The router of the catalogue's operations, and the type of their path parameters."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from luxewin.kit.http.fields import Slug
from luxewin.kit.http.routing import Router

router = Router("catalog", invalidates_cache=True)

IdOrSlug = Annotated[UUID | Slug, Field(union_mode="left_to_right")]
"""A path parameter that is an id or a slug; a valid UUID is read as an id."""
