"""What modules declare is merged; what two of them declare is an error at start."""

import pytest

from luxewin.kit.manifest import merged


class Keys:
    """A service."""


def test_the_declarations_of_all_modules_are_merged() -> None:
    assert merged({"shop.carts": {"a": 1}, "shop.orders": {"b": 2}, "shop.tags": {}}) == {"a": 1, "b": 2}


@pytest.mark.parametrize(("key", "name"), [(Keys, "Keys"), ("Stock is not negative", "'Stock is not negative'")])
def test_what_two_modules_declare_is_an_error_that_names_both(key: object, name: str) -> None:
    expected = f"shop.carts and shop.orders both declare {name}: remove it from one of them"
    with pytest.raises(ValueError, match=f"^{expected}$"):
        merged({"shop.carts": {key: 1}, "shop.orders": {key: 1}})
