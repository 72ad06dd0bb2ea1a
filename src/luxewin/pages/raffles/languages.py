"""The languages of the raffle pages, and which of them a visitor reads."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

_WORDS = Path(__file__).parent / "words"
_FALLBACK = "en"
_MOST_WISHES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: how it is written, and the words of the pages by topic."""

    code: str
    name: str
    direction: str
    page: Mapping[str, str]
    status: Mapping[str, str]
    story: Mapping[str, str]
    place: Mapping[str, str]
    check: Mapping[str, str]

    def say(self, name: str, **values: Any) -> Markup:
        """Return words of the page with values in their places, escaped."""
        return escape(self.page[name]).format(**values)

    def tell(self, name: str, **values: Any) -> Markup:
        """Return the sentence about where a raffle stands."""
        return escape(self.story[name]).format(**values)


@cache
def languages() -> Mapping[str, Language]:
    """Return every language by its code, the one that is fallen back to first."""
    known = {file.stem: _read(file) for file in sorted(_WORDS.glob("*.toml"))}
    return {_FALLBACK: known[_FALLBACK], **known}


def language_for(*, chosen: str, accepted: str, locale: str) -> Language:
    """Return the language that was chosen, else the first that the browser accepts, else the shop's, else English."""
    known = languages()
    for wish in (chosen, *_wishes(accepted), locale):
        code = wish.replace("_", "-").partition("-")[0].lower()
        if code in known:
            return known[code]
    return known[_FALLBACK]


def _wishes(accepted: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first; what cannot be read wants nothing."""
    weighed = []
    for wish in accepted.split(",")[:_MOST_WISHES]:
        code, _, weight = wish.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if quality > 0:
            weighed.append((-quality, code))
    return [code for _, code in sorted(weighed, key=lambda pair: pair[0])]


def _read(file: Path) -> Language:
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return Language(code=file.stem, name=told.pop("language"), **told)
