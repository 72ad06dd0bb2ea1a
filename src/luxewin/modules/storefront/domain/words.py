"""Words for search: folded, so that case and accents do not matter, and limited in number and length."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

MAX_TERMS = 8
LONGEST_TERM = 40
SHORTEST_PREFIX = 3
"""Terms shorter than this match complete words only: as prefixes they would match nearly everything."""

MAX_WORDS = 3_000
"""Only the first words of a long text are indexed; a full-text document holds at most a megabyte of words."""

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text without case and accents: `Crème` and `CREME` fold to `creme`."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def words_of(text: str, *, max_words: int = MAX_WORDS) -> list[str]:
    """Return the first folded words of a text, in order; punctuation separates words."""
    return [found.group()[:LONGEST_TERM] for found in islice(_WORD.finditer(fold(text)), max_words)]


def terms_of(query: str) -> tuple[str, ...]:
    """Return the distinct words of a query, the first eight."""
    return tuple(dict.fromkeys(words_of(query)))[:MAX_TERMS]


def words_with_positions(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each word of a text as start, end and folded form."""
    for found in _WORD.finditer(text):
        yield found.start(), found.end(), _fold_word(found.group())


def correct_terms(terms: Sequence[str], similar_words: Iterable[str]) -> tuple[str, ...]:
    """Return the terms, each replaced by the most similar existing word, if one is similar enough."""
    words = list(dict.fromkeys(similar_words))
    return tuple(_most_similar(term, words) for term in terms)


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


def _most_similar(term: str, words: Sequence[str]) -> str:
    allowed = _allowed_edits(term)
    distance, similar = min(
        ((edits_between(term, word), word) for word in words if abs(len(word) - len(term)) <= allowed),
        key=lambda candidate: candidate[0],
        default=(0, term),
    )
    return similar if distance <= allowed else term


def _allowed_edits(term: str) -> int:
    return 0 if len(term) <= SHORTEST_PREFIX else 1 if len(term) <= 5 else 2  # noqa: PLR2004 - one edit in five letters


@lru_cache(maxsize=8192)
def _fold_word(word: str) -> str:
    return fold(word)[:LONGEST_TERM]
