"""The texts of the raffle pages: complete in every language, and all used."""

import re
from string import Formatter
from typing import Any

import pytest

from luxewin.modules.raffles.public import RaffleStatus
from luxewin.pages.raffles.languages import Language, languages
from tests.architecture.tree import PACKAGE

MESSAGES = {"not_found", "not_found_lead", "unknown_shop", "unknown_shop_lead", "unavailable", "unavailable_lead"}
TOPICS = ("page", "status", "explanation", "winner", "check")
SOURCES = "".join(
    file.read_text(encoding="utf-8")
    for folder in ("raffles", "templates/raffles", "static")
    for file in sorted((PACKAGE / "pages" / folder).iterdir())
    if file.suffix in {".py", ".html", ".js"}
)


def shape(words: Any) -> dict[str, list[str]]:
    return {name: sorted(part[1] for part in Formatter().parse(text) if part[1]) for name, text in words.items()}


@pytest.mark.parametrize("language", languages().values(), ids=lambda language: language.code)
def test_a_language_has_the_words_of_english_with_the_same_places(language: Language) -> None:
    for topic in TOPICS:
        assert shape(getattr(language, topic)) == shape(getattr(languages()["en"], topic))
    assert language.direction in {"ltr", "rtl"}


def test_every_word_is_used() -> None:
    english = languages()["en"]
    unused = [name for name in (*english.page, *english.check) if not is_used(name)]
    assert unused == []


def is_used(name: str) -> bool:
    stem = re.match(r"(step|about|odds)_", name)
    return bool(re.search(rf"\b{name}\b", SOURCES)) or stem is not None or name in MESSAGES


def test_every_public_state_has_its_name_and_its_explanation() -> None:
    public = {status.value for status in RaffleStatus} - {"draft", "deleted"} | {"closing"}
    assert set(languages()["en"].status) == set(languages()["en"].explanation) == public
