"""Names: their comparison, their sorting, and the slugs derived from them."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from luxewin.kit.slugs import slug_of
from luxewin.kit.text import clean_line

LONGEST_NAME = 255
LONGEST_PROPERTY_VALUE = 255
"""The longest value of an attribute by which products can be filtered; longer ones are texts, not properties."""

PropertyKind = Literal["option", "attribute"]
LONGEST_SLUG = 200
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_BASE = 180


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Return a form that is the same for all spellings of a name; case and white space do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=4_096)
def label(text: str) -> str:
    """Return a short text as it is stored: in Unicode normalisation form C, with single spaces, nothing invisible.

    For option names and values, tags, SKUs and handles, so that what looks equal is equal.

    Raises:
        ValueError: the text contains a control character.
    """
    cleaned = clean_line(" ".join(text.split()))
    return " ".join(cleaned.split())  # an invisible character may have stood between two spaces


@lru_cache(maxsize=4_096)
def option_key(text: str) -> str:
    """Return a form that is the same for all spellings of an option's name or value: case does not count."""
    return unicodedata.normalize("NFC", single_spaced(text).casefold())


def property_key(kind: PropertyKind, name: str, value: str) -> str:
    """Return the key under which products with a value of an option or attribute are found, in any spelling.

    The separator is a control character, which neither a name nor a value contains.
    """
    return f"{kind}:{option_key(name)}\x1f{option_key(value)}"


def single_spaced(text: str) -> str:
    """Return a text in Unicode normalisation form C, with single spaces."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def distinct_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each tag once, in its first spelling."""
    spellings: dict[str, str] = {}
    for tag in tags:
        spellings.setdefault(fold(tag), tag)
    return tuple(spellings.values())


def sort_key(name: str) -> str:
    """Return a text whose byte order is the alphabetical order of names: accents and case do not count."""
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())


def slugs_for(name: str, *, kind: str, owner_id: UUID) -> list[str]:
    """Return candidates for the slug of an object with this name, the best first; the last one is always free.

    If the name has no letters or digits, the slug consists of the object's kind and id.
    """
    mark = owner_id.hex[-12:]
    base = slug_of(name, longest=_LONGEST_BASE) or f"{kind}-{mark}"
    return [base, *(f"{base}-{number}" for number in range(2, 10)), f"{base}-{mark}"]


def slug_of_handle(handle: str) -> str:
    """Return the slug of the product with this handle in a file; the same handle always gives the same slug.

    Most handles are valid slugs; others are simplified, or hashed if nothing would be left.
    """
    if len(handle) <= LONGEST_SLUG and _SLUG.fullmatch(handle):
        return handle
    return slug_of(handle, longest=_LONGEST_BASE) or _hashed(handle)


def slugs_of_handle(handle: str) -> tuple[str, ...]:
    """Return the slugs that the product with this handle may have, the best first; then those of earlier releases."""
    earlier = [slug_of_handle(handle), *(_latin_slug(each) or _hashed(each) for each in (label(handle), handle))]
    return tuple(dict.fromkeys([slug_of_handle(label(handle)), *earlier]))


def _hashed(handle: str) -> str:
    return f"product-{sha256(handle.encode()).hexdigest()[:12]}"


def _latin_slug(text: str) -> str:
    # Until 0.1.0 letters that do not decompose into Latin ones were dropped, and apostrophes separated words.
    latin = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_SLUG.sub("-", latin)[:_LONGEST_BASE].strip("-")
