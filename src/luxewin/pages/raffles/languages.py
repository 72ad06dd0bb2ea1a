"""The languages of the raffle pages, and the choice of one for a visitor."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "texts"
_FALLBACK = "en"
_MAX_ACCEPTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: its name and direction, and the texts of the pages by topic."""

    code: str
    name: str
    direction: str
    page: Mapping[str, str]
    status: Mapping[str, str]
    explanation: Mapping[str, str]
    winner: Mapping[str, str]
    check: Mapping[str, str]


@cache
def languages() -> Mapping[str, Language]:
    """Return every language by its code, the fallback first."""
    known = {file.stem: _read(file) for file in sorted(_FOLDER.glob("*.toml"))}
    return {_FALLBACK: known[_FALLBACK], **known}


def language_for(*, chosen: str, accepted: str, locale: str) -> Language:
    """Return the chosen language, else the first that the browser accepts, else the shop's, else English."""
    known = languages()
    for tag in (chosen, *_accepted_languages(accepted), locale):
        code = tag.replace("_", "-").partition("-")[0].lower()
        if code in known:
            return known[code]
    return known[_FALLBACK]


def _accepted_languages(header: str) -> list[str]:
    """Return the languages of an `Accept-Language` header, the preferred ones first; malformed parts are ignored."""
    weighted = []
    for part in header.split(",")[:_MAX_ACCEPTED]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if quality > 0:
            weighted.append((-quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]


def _read(file: Path) -> Language:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return Language(code=file.stem, name=content.pop("language"), **content)
