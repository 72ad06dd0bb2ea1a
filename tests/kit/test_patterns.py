"""Text that must match a regular expression: accepted and rejected text, the message, and the JSON Schema."""

from typing import Annotated

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from luxewin.kit.http.patterns import Pattern

CODES = TypeAdapter(
    Annotated[str, StringConstraints(max_length=10), Pattern("^[A-Z]{3}$", "must be three capital letters")]
)


def test_matching_text_is_returned_as_it_is() -> None:
    assert CODES.validate_python("ABC") == "ABC"


@pytest.mark.parametrize("text", ["", "ab", "ABCD", "ABC\n", " ABC"])
def test_other_text_is_rejected_in_words(text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        CODES.validate_python(text)
    [error] = raised.value.errors()
    assert (error["type"], error["msg"]) == ("string_pattern_mismatch", "must be three capital letters")


def test_the_length_is_checked_first() -> None:
    with pytest.raises(ValidationError, match="at most 10 characters"):
        CODES.validate_python("A" * 11)


def test_the_schema_has_the_regular_expression() -> None:
    assert CODES.json_schema() == {"type": "string", "maxLength": 10, "pattern": "^[A-Z]{3}$"}


def test_a_key_of_an_object_may_have_a_pattern() -> None:
    settings = TypeAdapter(dict[Annotated[str, Pattern("^[a-z]+$", "must be lower-case letters")], int])
    assert settings.json_schema()["patternProperties"] == {"^[a-z]+$": {"type": "integer"}}
    with pytest.raises(ValidationError, match="lower-case letters"):
        settings.validate_python({"A": 1})
