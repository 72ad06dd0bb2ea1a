"""The router on which the catalogue's operations are declared, and how their paths name things."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from luxewin.kit.http.fields import Slug
from luxewin.kit.http.routing import Router

router = Router("catalog", invalidates_cache=True)

IdOrSlug = Annotated[UUID | Slug, Field(union_mode="left_to_right")]
"""How a path names what has a slug; what reads as an id is one."""
