"""Words as search knows them: folded so that case and accents do not matter, and bounded in number and length."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

MOST_TERMS = 8
LONGEST_TERM = 40
SHORTEST_PREFIX = 3
"""Terms below this length match whole words only: as prefixes they would match nearly everything."""

MOST_WORDS = 3_000
"""Of a long text the beginning counts; a full-text document holds at most a megabyte of words."""

_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return the text without case and accents: `Crème` and `CREME` fold to `creme`."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def words_of(text: str, *, most: int = MOST_WORDS) -> list[str]:
    """Return the folded words of a text in order, the first so many; punctuation only separates."""
    return [found.group()[:LONGEST_TERM] for found in islice(_WORD.finditer(folded(text)), most)]


def terms_of(query: str) -> tuple[str, ...]:
    """Return the distinct words of a query, the first eight."""
    return tuple(dict.fromkeys(words_of(query)))[:MOST_TERMS]


def placed_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each word of a text as start, end and folded form."""
    for found in _WORD.finditer(text):
        yield found.start(), found.end(), _folded_word(found.group())


def corrected(terms: Sequence[str], near: Iterable[str]) -> tuple[str, ...]:
    """Return the terms, each replaced by the nearest of the words that exist, if one is near enough to be meant."""
    words = list(dict.fromkeys(near))
    return tuple(_nearest(term, words) for term in terms)


def edits_between(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace or swap with their neighbour to turn one word into the other.

    The optimal string alignment distance (Damerau 1964, restricted to non-overlapping swaps).
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _nearest(term: str, words: Sequence[str]) -> str:
    tolerated = _tolerated_edits(term)
    distance, nearest = min(
        ((edits_between(term, word), word) for word in words if abs(len(word) - len(term)) <= tolerated),
        key=lambda candidate: candidate[0],
        default=(0, term),
    )
    return nearest if distance <= tolerated else term


def _tolerated_edits(term: str) -> int:
    return 0 if len(term) <= SHORTEST_PREFIX else 1 if len(term) <= 5 else 2  # noqa: PLR2004 - a slip in five letters


@lru_cache(maxsize=8192)
def _folded_word(word: str) -> str:
    return folded(word)[:LONGEST_TERM]
