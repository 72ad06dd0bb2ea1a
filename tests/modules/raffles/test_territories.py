"""The territories in which a raffle is offered, and in which a participant lives."""

import pytest
from pydantic import TypeAdapter, ValidationError

from luxewin.modules.raffles.schemas.raffles import Territory

TERRITORIES = TypeAdapter(Territory)


@pytest.mark.parametrize("text", ["GB", "US-NY", "AT-9", "FR-75C"])
def test_an_existing_country_or_a_region_of_one_is_a_territory(text: str) -> None:
    assert TERRITORIES.validate_python(text) == text


@pytest.mark.parametrize("text", ["XX", "UK", "ZZ-1", "gb", "GBR", "GB-", "GB-ABCD", "", "EU"])
def test_a_country_that_does_not_exist_is_no_territory(text: str) -> None:
    with pytest.raises(ValidationError, match="must be a country of ISO 3166-1 or one of its regions"):
        TERRITORIES.validate_python(text)
