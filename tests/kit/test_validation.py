"""Messages for input that is not valid: one sentence for each type of error, without anything secret."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from luxewin.kit.http import problems
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.http.validation import MAX_VALUE_CHARACTERS, MESSAGES, input_error


class Status(StrEnum):
    """A closed set of values."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Kind(StrEnum):
    """A closed set of one value."""

    ONLY = "chair"


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("must be even")
    return number


def _known(text: str) -> str:
    raise ValueError(f"Nobody knows {text}.")


class Cat(BaseModel):
    """One of two alternatives."""

    kind: Literal["cat"]


class Dog(BaseModel):
    """The other alternative."""

    kind: Literal["dog"]


def messages(annotation: Any, value: Any, *path: int | str) -> list[str]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(annotation).validate_python(value)
    return [
        input_error({**error, "loc": ("body", *path, *error["loc"])}, model=None)["message"]
        for error in raised.value.errors()
    ]


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (bool, "maybe", 'must be true or false, got "maybe"'),
        (bool, None, "must be true or false, got null"),
        (int, "x", 'must be an integer, got "x"'),
        (int, None, "must be an integer, got null"),
        (int, 1.5, "must be an integer, got 1.5"),
        (int, "9" * 5_000, f'must be an integer with fewer digits, got "{"9" * 80}…"'),
        (float, "x", 'must be a number, got "x"'),
        (float, None, "must be a number, got null"),
        (Annotated[float, Field(allow_inf_nan=False)], float("inf"), "must be a finite number, got Infinity"),
        (Decimal, "x", 'must be a decimal number, got "x"'),
        (Decimal, [], "must be a decimal number, got a list"),
        (Annotated[Decimal, Field(max_digits=3)], "12.345", 'must have at most 3 digits, got "12.345"'),
        (Annotated[Decimal, Field(decimal_places=1)], "1.23", 'must have at most 1 decimal place, got "1.23"'),
        (Annotated[int, Field(gt=0)], 0, "must be greater than 0, got 0"),
        (Annotated[int, Field(ge=1)], 0, "must be at least 1, got 0"),
        (Annotated[int, Field(lt=9)], 9, "must be less than 9, got 9"),
        (Annotated[int, Field(le=9)], 10, "must be at most 9, got 10"),
        (Annotated[int, Field(multiple_of=5)], 7, "must be a multiple of 5, got 7"),
        (str, 7, "must be a string, got 7"),
        (str, {"a": "secret"}, "must be a string, got an object"),
        (Annotated[str, StringConstraints(max_length=9)], "\ud800", 'must be valid Unicode text, got "\\ud800"'),
        (Annotated[str, StringConstraints(min_length=1)], "", "must not be empty"),
        (Annotated[str, StringConstraints(min_length=3)], "ab", "must have at least 3 characters, got 2"),
        (Annotated[str, StringConstraints(max_length=120)], "a" * 300, "must have at most 120 characters, got 300"),
        (Annotated[str, StringConstraints(max_length=1)], "ab", "must have at most 1 character, got 2"),
        (Annotated[str, StringConstraints(pattern="^a$")], "b", 'does not have the required form, got "b"'),
        (Annotated[str, Pattern("^[a-z]+$", "must be letters")], "1", 'must be letters, got "1"'),
        (list[int], "x", 'must be a list, got "x"'),
        (tuple[int], "x", 'must be a list, got "x"'),
        (set[int], "x", 'must be a list, got "x"'),
        (frozenset[int], "x", 'must be a list, got "x"'),
        (Annotated[list[int], Field(min_length=1)], [], "must not be empty"),
        (Annotated[list[int], Field(min_length=2)], [1], "must have at least 2 items, got 1"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "must have at most 1 item, got 2"),
        (dict[str, int], [], "must be an object, got a list"),
        (Cat, 7, "must be an object, got 7"),
        (None, 7, "must be null, got 7"),
        (Status, "gone", 'must be one of draft, active, archived, got "gone"'),
        (Kind, "table", 'must be chair, got "table"'),
        (Literal["draft", "active"], "gone", 'must be one of draft, active, got "gone"'),
        (Literal[1, 2], 3, "must be one of 1, 2, got 3"),
        (Annotated[Cat | Dog, Field(discriminator="kind")], {}, "needs the field 'kind'"),
        (
            Annotated[Cat | Dog, Field(discriminator="kind")],
            {"kind": "cow"},
            "must have a 'kind' that is one of cat, dog, got an object",
        ),
        (UUID, "x", 'must be a UUID, got "x"'),
        (UUID, 7, "must be a UUID, got 7"),
        (date, "x", 'must be a date, such as 2026-05-31, got "x"'),
        (date, [], "must be a date, such as 2026-05-31, got a list"),
        (
            date,
            "2026-05-31T10:00:00",
            'must be a date without a time, such as 2026-05-31, got "2026-05-31T10:00:00"',
        ),
        (datetime, "x", 'must be a time, such as 2026-05-31T18:00:00Z, got "x"'),
        (datetime, [], "must be a time, such as 2026-05-31T18:00:00Z, got a list"),
        (
            AwareDatetime,
            "2026-05-31T18:00:00",
            'must be a time with a time zone, such as 2026-05-31T18:00:00Z, got "2026-05-31T18:00:00"',
        ),
        (HttpUrl, "x", 'must be a URL, got "x"'),
        (HttpUrl, 7, "must be a URL, got 7"),
        (Annotated[int, AfterValidator(_even)], 3, "must be even, got 3"),
    ],
)
def test_each_type_of_error_has_its_sentence(annotation: Any, value: Any, message: str) -> None:
    assert messages(annotation, value, "field") == [f"`field` {message}"]


def test_a_sentence_of_a_validator_stands_after_the_field() -> None:
    assert messages(Annotated[str, AfterValidator(_known)], "Ada", "name") == ["`name`: Nobody knows Ada."]


class Money(BaseModel):
    """An amount."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(ge=1)]


class Line(BaseModel):
    """A line of an order."""

    model_config = ConfigDict(extra="forbid")

    price: Money | None = None
    color: str = ""
    password: Annotated[str, StringConstraints(min_length=12)] = "a long enough one"
    token: Annotated[str, Pattern("^[a-z]+$", "must be letters")] = "a"
    number: Annotated[str, StringConstraints(pattern="^[A-Z]+$")] = "A"


class Order(BaseModel):
    """A body with lines in it."""

    model_config = ConfigDict(extra="forbid")

    email: str
    lines: list[Line] = []


APP = FastAPI()
problems.install(APP)


@APP.post("/orders")
async def _place(body: Order) -> None:
    del body


async def errors(body: Any) -> list[dict[str, str]]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(APP), base_url="http://shop.test") as client:
        content = (await client.post("/orders", json=body)).json()
    found: list[dict[str, str]] = content["errors"]
    assert content["detail"] == found[0]["message"] or len(found) > 1
    return found


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({}, "/email", "`email` is missing"),
        ([], "", "The body must be an object, got a list"),
        (
            {"email": "a", "lines": [{"price": {"amount": 0}}]},
            "/lines/0/price/amount",
            "`lines[0].price.amount` must be at least 1, got 0",
        ),
        ({"email": "a", "colour": 1}, "/colour", "`colour` is not a field of this request"),
        ({"email": "a", "e-mail": 1}, "/e-mail", "`e-mail` is not a field of this request; did you mean `email`?"),
        (
            {"email": "a", "lines": [{"colour": "red"}]},
            "/lines/0/colour",
            "`lines[0].colour` is not a field of this request; did you mean `color`?",
        ),
        (
            {"email": "a", "lines": [{"price": {"amout": 1, "amount": 1}}]},
            "/lines/0/price/amout",
            "`lines[0].price.amout` is not a field of this request; did you mean `amount`?",
        ),
    ],
)
async def test_an_error_names_the_field_and_its_position(body: Any, pointer: str, message: str) -> None:
    [error] = await errors(body)
    assert (error["pointer"], error["message"]) == (pointer, message)


@pytest.mark.parametrize(
    "line",
    [
        {"password": "hunter2"},
        {"password": {"a": "hunter2"}},
        {"token": "HUNTER2"},
        {"number": "4242 4242 4242 4242"},
        {"number": "ada@example.com"},
        {"number": "tok3n" * 8},
    ],
)
async def test_a_secret_or_personal_value_is_not_repeated(line: dict[str, Any]) -> None:
    [error] = await errors({"email": "a", "lines": [line]})
    assert "got " not in error["message"]
    assert str(next(iter(line.values()))) not in error["message"]


def test_a_long_value_is_cut() -> None:
    [message] = messages(int, "word " * 100, "field")
    assert message == f'`field` must be an integer, got "{("word " * 100)[:MAX_VALUE_CHARACTERS]}…"'


def test_what_cannot_be_seen_is_escaped() -> None:
    assert messages(int, "a\u202eb\n", "field") == ['`field` must be an integer, got "a\\u202eb\\n"']


async def test_a_field_name_cannot_break_out_of_its_quotes() -> None:
    [error] = await errors({"email": "a", "`x` is fine": 1})
    assert error["message"].startswith("`'x' is fine`")


def test_every_sentence_is_plain() -> None:
    assert [text for text in MESSAGES.values() if "Input" in text or "validation" in text or "^" in text] == []
