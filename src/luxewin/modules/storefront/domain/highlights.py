"""Highlights: the matching words of a text, marked in HTML that is safe to insert into a page."""

import re
import unicodedata
from collections.abc import Sequence
from html import escape, unescape

from luxewin.modules.storefront.domain.words import SHORTEST_PREFIX, words_with_positions

SNIPPET_CHARACTERS = 240
_LEAD_CHARACTERS = 60
_SEARCHED_CHARACTERS = 20_000
_TAG = re.compile(r"<[^<>]*>")


def highlight(text: str, stems: Sequence[str]) -> str:
    """Return the text as HTML in which `<mark>` surrounds each word that a stem matches; all else is escaped."""
    composed = unicodedata.normalize("NFC", text)
    parts = []
    done = 0
    for start, end, word in words_with_positions(composed):
        if _matches(word, stems):
            parts += [escape(composed[done:start]), "<mark>", escape(composed[start:end]), "</mark>"]
            done = end
    return "".join([*parts, escape(composed[done:])])


def snippet(markup: str, stems: Sequence[str]) -> str | None:
    """Return the passage of an HTML text around the first match, highlighted, or None if nothing matches."""
    text = unescape(_TAG.sub(" ", markup[:_SEARCHED_CHARACTERS]))
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    first = next((start for start, _, word in words_with_positions(composed) if _matches(word, stems)), None)
    if first is None:
        return None
    start = _start_of_passage(composed, first)
    end = _end_of_passage(composed, start + SNIPPET_CHARACTERS)
    lead, tail = ("… " if start else ""), (" …" if end < len(composed) else "")
    return f"{lead}{highlight(composed[start:end].strip(), stems)}{tail}"


def _matches(word: str, stems: Sequence[str]) -> bool:
    return any(word == stem or (len(stem) >= SHORTEST_PREFIX and _begins(word, stem)) for stem in stems)


def _begins(word: str, stem: str) -> bool:
    # The English stemmer turns a final y into i: "happy" and "happiness" both become "happi".
    return word.startswith(stem) or (stem.endswith("i") and word.startswith(stem[:-1] + "y"))


def _start_of_passage(text: str, match: int) -> int:
    if match <= _LEAD_CHARACTERS:
        return 0
    space = text.find(" ", match - _LEAD_CHARACTERS, match)
    return match if space < 0 else space + 1


def _end_of_passage(text: str, position: int) -> int:
    if position >= len(text):
        return len(text)
    space = text.rfind(" ", position - _LEAD_CHARACTERS, position)
    return position if space < 0 else space
