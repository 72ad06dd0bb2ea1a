"""The router of the catalogue's operations, and the type of their path parameters."""

from typing import Annotated

from pydantic import StringConstraints

from luxewin.kit.http.fields import SLUG_PATTERN
from luxewin.kit.http.routing import Router
from luxewin.modules.catalog.domain.names import LONGEST_SLUG

router = Router("catalog", invalidates_cache=True)

IdOrSlug = Annotated[str, StringConstraints(max_length=LONGEST_SLUG, to_lower=True), SLUG_PATTERN]
"""A path parameter that is an id or a slug; an id has the form of a slug, and means the object with the id first."""
