"""The shared types of bodies: accepted and rejected values."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from luxewin.kit.http.fields import AddressField, OptionalText, ShortText

ADDRESS = {"name": "Ada", "line1": "1 High Street", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}
TEXTS = ("name", "line1", "line2", "city", "region", "postal_code", "company", "phone", "email")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("number", ["4242424242424242", "4242 4242 4242 4242"])
def test_no_text_of_an_address_holds_a_card_number(field: str, number: str) -> None:
    assert AddressField(**{**ADDRESS, field: "4242"}).plain()[field] == "4242"
    with pytest.raises(ValidationError, match="card number"):
        AddressField(**{**ADDRESS, field: number})


def test_every_text_of_an_address_is_checked() -> None:
    assert set(TEXTS) == AddressField.model_fields.keys() - {"country"}


@pytest.mark.parametrize("kind", [ShortText, OptionalText], ids=["needed", "optional"])
@pytest.mark.parametrize(
    "invisible", ["\u202e", "\u202a", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c", "\u200b", "\ufeff", "\u00ad"]
)
def test_invisible_characters_are_removed_from_a_name(kind: Any, invisible: str) -> None:
    assert TypeAdapter(kind).validate_python(f"invoice{invisible}gpj.exe") == "invoicegpj.exe"
    assert TypeAdapter(kind).validate_python(invisible + "Ada") == "Ada"


@pytest.mark.parametrize("kind", [ShortText, OptionalText], ids=["needed", "optional"])
@pytest.mark.parametrize("control", ["\x1b", "\n", "\x00", "\u2028"])
def test_a_name_holds_no_control_character(kind: Any, control: str) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        TypeAdapter(kind).validate_python(f"invoice{control}gpj.exe")


def test_a_name_of_invisible_characters_is_missing() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        TypeAdapter(ShortText).validate_python("\u200b \u202e")


@pytest.mark.parametrize(
    "name", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Ada \U0001f469\u200d\U0001f4bb", "\u0d28\u0d4d\u200d"]
)
def test_a_name_may_be_written_in_any_script_and_with_emoji(name: str) -> None:
    assert TypeAdapter(ShortText).validate_python(name) == name
