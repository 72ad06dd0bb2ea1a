"""Card numbers are recognised in every notation, and tokens are not mistaken for card numbers."""

import pytest

from luxewin.kit.cards import looks_like_card_number

CARDS = ["4242424242424242", "378282246310005", "6011000990139424", "4222222222222", "6304000000000000000"]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("separator", ["", " ", "-", "."])
def test_a_card_number_is_recognised_however_it_is_spaced(number: str, separator: str) -> None:
    assert looks_like_card_number(f" {separator.join(number)}\n")


def test_digits_of_other_scripts_do_not_hide_a_card_number() -> None:
    assert looks_like_card_number("".join(chr(ord("0") + 0xFEE0 + int(digit)) for digit in CARDS[0]))


@pytest.mark.parametrize(
    "token",
    [
        "tok_visa",
        "4242424242424241",
        "424242424242",
        "42424242424242424242",
        "tok_4242424242424242x",
        "",
        "0199a1b2-0000-7000-8000-000000000001",
    ],
)
def test_other_numbers_are_accepted(token: str) -> None:
    assert not looks_like_card_number(token)
