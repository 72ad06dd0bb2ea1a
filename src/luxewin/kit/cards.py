"""Detection of card numbers (PCI DSS): text that contains one must not be stored."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-.]")
_CARD_NUMBER = re.compile(r"\d{13,19}")


def looks_like_card_number(text: str) -> bool:
    """Return whether a text is a card number: 13 to 19 digits, with or without separators, and a valid check digit.

    Source of the check digit: ISO/IEC 7812-1, annex B (Luhn).
    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    return _CARD_NUMBER.fullmatch(digits) is not None and _luhn_sum(digits) % 10 == 0


def _luhn_sum(digits: str) -> int:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return sum(doubled) + sum(int(digit) for digit in digits[-1::-2])
