"""Text that must match a regular expression, with a readable error message."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""Annotation of a text field: the regular expression of the whole text, and the error message for other text.

    `Annotated[str, Pattern(r"^[A-Z]{3}$", "must be three capital letters, such as EUR")]`. The OpenAPI document has
    the expression as `pattern`; the code of the error is Pydantic's, `string_pattern_mismatch`.
    """

    regex: str
    message: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._match, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.regex}

    def _match(self, text: str) -> str:
        if re.fullmatch(self.regex, text) is None:
            raise PydanticCustomError("string_pattern_mismatch", "{message}", {"message": self.message})
        return text
