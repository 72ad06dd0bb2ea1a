"""One-line text from outside: one spelling of each character, and nothing invisible."""

import unicodedata

_LINE_BREAKS_AND_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_FORMAT = "Cf"
_JOINERS = frozenset("\u200c\u200d")
_JOINED_CATEGORIES = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})
"""Letters of scripts without case, their marks, and emoji: joiners change how these are displayed."""
_VIRAMA = 9
"""The combining class of the mark that takes the vowel off a letter; a joiner after it changes the letter."""
_SIGNS_AROUND_NUMBERS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format characters that are visible."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 error", "2,000 errors"; `plural` is for nouns that do not take an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def clean_line(text: str) -> str:
    """Return the text in Unicode normalisation form C, without invisible characters and without white space around it.

    Copied text often contains invisible marks, such as those for the direction of writing. They would make two equal
    names differ, or imitate another name. A joiner stays where it changes what is displayed: in emoji and between
    letters of scripts that need it.

    Raises:
        ValueError: the text contains a line break or a control character.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    stripped = text.strip()
    if any(unicodedata.category(character) in _LINE_BREAKS_AND_CONTROLS for character in stripped):
        raise ValueError("must not contain control characters or line breaks")
    visible = "".join(
        character for position, character in enumerate(stripped) if _is_displayed(character, stripped, position)
    )
    return unicodedata.normalize("NFC", visible).strip()


def _is_displayed(character: str, text: str, position: int) -> bool:
    if character in _JOINERS:
        before, after = text[position - 1 : position], text[position + 1 : position + 2]
        return _joins(before) and (_joins(after) or unicodedata.combining(before) == _VIRAMA)
    return unicodedata.category(character) != _FORMAT or character in _SIGNS_AROUND_NUMBERS


def _joins(neighbour: str) -> bool:
    return neighbour != "" and unicodedata.category(neighbour) in _JOINED_CATEGORIES
