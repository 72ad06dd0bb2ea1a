"""Slugs: texts in any script as lower-case Latin letters, digits and hyphens."""

import re
import unicodedata

from anyascii import anyascii

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile("['`\u2018\u2019\u02bc\u00b4]")
_MARKS = frozenset("\u2120\u2122\u00a9\u00ae")
"""Signs of trademarks and copyright."""
_SIGNS = frozenset({"So", "Sk", "Sc"})
"""The categories of emoji and of signs of currencies."""


def slug_of(text: str, *, longest: int) -> str:
    """Return a text as a slug of at most `longest` characters; empty if nothing of it can be written in Latin letters.

    Letters of other scripts are transliterated: `Straße` becomes `strasse`, `Чашка` becomes `chashka`. An apostrophe is
    left out, every other sign separates words.
    """
    if not text.isascii():
        composed = unicodedata.normalize("NFC", text)
        text = anyascii(_APOSTROPHES.sub("", "".join(map(_without_sign, composed))))
    latin = _APOSTROPHES.sub("", text).lower()
    return _NOT_IN_A_SLUG.sub("-", latin).strip("-")[:longest].strip("-")


def _without_sign(character: str) -> str:
    """Return the letters that a sign stands for, a space for any other sign, and every other character as it is."""
    if character in _MARKS:
        return " "
    if unicodedata.category(character) not in _SIGNS:
        return character
    letters = unicodedata.normalize("NFKD", character)
    return letters if letters.isascii() else " "
