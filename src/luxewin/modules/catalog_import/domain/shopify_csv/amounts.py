"""Amounts as decimal texts, to and from integer minor units, without rounding or guessing."""

import re

from luxewin.kit.money import LARGEST_UNIT_AMOUNT_MINOR

_PLAIN = re.compile(r"([0-9]*)(?:\.([0-9]+))?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")
_WITH_COMMA = re.compile(r"(?:[0-9]*|[0-9]{1,3}(?:[.'\u00a0\u202f ][0-9]{3})+),[0-9]+")
_MARKED = re.compile(r"'[0-9.,]+")
_SEPARATED = re.compile(r"[0-9][0-9.,' \u00a0\u202f]*")
_NOT_A_NUMBER = frozenset({"nan", "inf", "infinity"})
_THOUSANDS = 3


class UnreadableAmountError(ValueError):
    """A text is not an unambiguous amount of the currency; `code` is the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def minor_from(text: str, *, exponent: int, decimal: str = ".") -> int:
    """Return the minor units of a decimal text, for a currency with `exponent` decimals.

    '9.99', '.99', '500' and '1,299.00' are read; if a comma is the `decimal` character, '9,99' and '1.299,00' as well.
    An apostrophe that marks a number as text is not part of it. '1,299' and '1.299,00' have more than one meaning,
    depending on the country, and '9.990' may mean thousands: they are rejected. Superfluous zeros ('500.00' yen) are
    accepted.

    Raises:
        UnreadableAmountError: the text is negative, ambiguous, too precise, too large, or not a number.
    """
    text = unmark_number(text.strip())
    if text.lstrip("+-").casefold() in _NOT_A_NUMBER:
        raise UnreadableAmountError(
            "amount_not_a_number", f"{text!r} is not an amount; write it like {_example(exponent)}"
        )
    if text.startswith("-"):
        raise UnreadableAmountError("amount_negative", f"{_quote(text)} is negative; an amount is 0 or more")
    plain = _PLAIN.fullmatch(point_decimals(text, decimal=decimal))
    if plain is None or not text:
        raise _unreadable(text, exponent=exponent)
    return _minor(plain[1], plain[2] or "", exponent=exponent)


def point_decimals(text: str, *, decimal: str) -> str:
    """Return a number without separators of thousands and with a decimal point, if it can only be read in one way."""
    if decimal == "," and _WITH_COMMA.fullmatch(text):
        return re.sub("[^0-9,]", "", text).replace(",", ".")
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text


def unmark_number(text: str) -> str:
    """Return a number without the apostrophe that marks it as text."""
    return text[1:] if _MARKED.fullmatch(text) else text


def decimal_text(minor: int, *, exponent: int) -> str:
    """Write minor units as a decimal text that `minor_from` reads back to the same number."""
    if exponent == 0:
        return str(minor)
    digits = str(minor).rjust(exponent + 1, "0")
    return f"{digits[:-exponent]}.{digits[-exponent:]}"


def _minor(whole: str, fraction: str, *, exponent: int) -> int:
    whole = whole or "0"
    written = f"{whole}.{fraction}" if fraction else whole
    decimals, excess = fraction[:exponent], fraction[exponent:]
    if excess.strip("0"):
        raise UnreadableAmountError(
            "amount_too_precise", f"{_quote(written)} has more decimals than the {exponent} of the currency"
        )
    if excess and len(fraction) == _THOUSANDS:
        raise UnreadableAmountError(
            "amount_ambiguous", f"{_quote(written)} may mean thousands; remove the zeros at the end"
        )
    digits = (whole + decimals.ljust(exponent, "0")).lstrip("0") or "0"
    if len(digits) > len(str(LARGEST_UNIT_AMOUNT_MINOR)) or int(digits) > LARGEST_UNIT_AMOUNT_MINOR:
        raise UnreadableAmountError(
            "amount_too_large",
            f"{_quote(written)} is larger than the largest price, {LARGEST_UNIT_AMOUNT_MINOR:,} in the smallest unit",
        )
    return int(digits)


def _example(exponent: int) -> str:
    """Return an amount as it is written in a currency with these decimals."""
    return decimal_text(999 * 10 ** max(0, exponent - 2), exponent=exponent)


def _unreadable(text: str, *, exponent: int) -> UnreadableAmountError:
    example = _example(exponent)
    if _SEPARATED.fullmatch(text):
        written = decimal_text(1299 * 10**exponent, exponent=exponent)
        return UnreadableAmountError(
            "amount_ambiguous",
            f"{_quote(text)} can be read in more than one way; write {written}, without a separator of thousands",
        )
    return UnreadableAmountError("amount_unreadable", f"{_quote(text)} is not an amount; write it like {example}")


def _quote(text: str) -> str:
    longest = 40
    return repr(text if len(text) <= longest else text[:longest] + "…")
