"""The shared types of bodies: accepted and rejected values."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from luxewin.kit.http.fields import AddressField, AddressView, OptionalText, ShortText

ADDRESS = {"name": "Ada", "line1": "1 High Street", "city": "London", "postal_code": "00000", "country": "AE"}
BRITISH = {**ADDRESS, "postal_code": "SW1Y 4JH", "country": "GB"}
TEXTS = ("name", "line1", "line2", "city", "region", "region_code", "postal_code", "company", "phone")


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("number", ["4242424242424242", "4242 4242 4242 4242"])
def test_no_text_of_an_address_holds_a_card_number(field: str, number: str) -> None:
    with pytest.raises(ValidationError, match="card number"):
        AddressField(**{**ADDRESS, field: number})


def test_every_text_of_an_address_is_checked() -> None:
    assert set(TEXTS) == AddressField.model_fields.keys() - {"country", "email"}  # an email address is never a number


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


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"postal_code": None}, "postal_code", "is required in GB, such as EC1Y 8SY"),
        ({"postal_code": "1234"}, "postal_code", "must be a postal code of GB, such as EC1Y 8SY"),
        ({"city": ""}, "city", "is required in GB"),
        ({"country": "US", "postal_code": "95014"}, "region", "by its code or its name, such as AL or Alabama"),
        ({"country": "CA", "region": "Ohio", "postal_code": "H3Z 2Y7"}, "region", "must be a region in CA"),
        ({"country": "US", "region": "NV", "postal_code": "90210"}, "postal_code", "of Nevada, US, such as 88900"),
        (
            {"country": "US", "region": "Nevada", "region_code": "CA", "postal_code": "88900"},
            "region_code",
            "not the code",
        ),
        ({"email": "ada"}, "email", "not a valid email address"),
        ({"phone": "\u3164"}, "phone", "must be a telephone number"),
        ({"phone": "at home"}, "phone", "must be a telephone number"),
        ({"country": "ZZ"}, "country", "ISO 3166-1"),
    ],
)
def test_a_wrong_part_of_an_address_is_named_with_the_format_of_its_country(
    change: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        AddressField(**{**BRITISH, **change})
    (error,) = refused.value.errors()
    assert error["loc"] == (field,)
    assert message in error["msg"]


@pytest.mark.parametrize(
    "parts",
    [
        {"city": "Dublin", "country": "IE"},
        {"city": "Tsim Sha Tsui", "country": "HK"},
        {"city": "Dubai", "country": "AE", "postal_code": "00000"},
        {"city": "Prishtina", "country": "XK"},
        {"country": "SG", "postal_code": "546080"},
        {"city": "Villa Las Estrellas", "country": "AQ"},
        {"city": "London", "country": "GB", "postal_code": "sw1y4jh", "region": "Greater London"},
        {"city": "Riga", "country": "LV", "postal_code": "1073"},
        {"city": "Pétange", "country": "LU", "postal_code": "L-4750"},
    ],
)
def test_an_address_needs_no_more_than_its_country_does(parts: dict[str, Any]) -> None:
    address = {"name": "Ada", "line1": "1 High Street", **parts}
    assert AddressField(**address).plain() == address


@pytest.mark.parametrize("region", [{"region": "ca"}, {"region": "California"}, {"region_code": "CA"}])
def test_a_region_is_stored_as_it_was_given_with_its_code(region: dict[str, str]) -> None:
    address = {"name": "Ada", "line1": "1 High Street", "city": "Cupertino", "postal_code": "95014", "country": "US"}
    stored = AddressField(**address, **region).plain()
    assert (stored["region"], stored["region_code"]) == (*region.values(), "CA")
    assert AddressField(**AddressView(**stored).model_dump()).plain() == stored


def test_an_address_that_was_stored_before_is_shown_although_it_would_be_refused_now() -> None:
    view = AddressView.of(
        {"name": "Ada", "line1": "1", "city": "Paris", "postal_code": "x", "country": "FR", "email": "?"}
    )
    assert view is not None
    assert view.postal_code == "x"
