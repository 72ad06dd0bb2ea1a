"""The wanted fields of the objects in a list."""

import re

import orjson
import pytest

from luxewin.kit.http.sparse_fields import only_fields, requested_fields

KNOWN = ("id", "name", "price", "stock")


def test_equal_requests_are_equal_values_that_contain_the_id() -> None:
    assert requested_fields(["price", "name"], KNOWN) == requested_fields(["name", "id", "price", "name"], KNOWN)
    assert requested_fields(["price", "name"], KNOWN) == ("id", "name", "price")
    assert requested_fields([], KNOWN) == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pirce", "There is no field 'pirce'; did you mean `price`?"),
        ("Zzz", "There is no field 'Zzz'; the fields are id, name, price, stock"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_one(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        requested_fields(["name", name], KNOWN)


def test_a_serialised_object_keeps_the_named_fields_unchanged() -> None:
    product = {"id": "7", "name": "Å \u2028", "price": {"amount": 2**53 - 1}, "stock": None}
    json = orjson.dumps(product)
    assert orjson.loads(only_fields(json, ("id", "price"))) == {"id": "7", "price": {"amount": 2**53 - 1}}
    assert only_fields(json, KNOWN) == json == only_fields(json, ())
