"""Folding, prefixes and corrections of search words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.storefront.domain.words import (
    LONGEST_TERM,
    MAX_TERMS,
    correct_terms,
    edits_between,
    fold,
    terms_of,
    words_of,
    words_with_positions,
)


@pytest.mark.parametrize("spelling", ["Crème Brûlée", "CREME BRULEE", unicodedata.normalize("NFD", "crème brûlée")])
def test_case_and_accents_do_not_matter(spelling: str) -> None:
    assert words_of(spelling) == ["creme", "brulee"]


def test_punctuation_only_separates() -> None:
    assert words_of("O'Neil: 3-seat sofa_bed, 40%!") == ["o", "neil", "3", "seat", "sofa", "bed", "40"]


@given(st.text())
def test_a_word_holds_no_character_that_a_search_expression_could_mistake(text: str) -> None:
    assert all(word.isalnum() for word in words_of(text))


@given(st.text(max_size=500))
def test_a_query_asks_for_few_short_distinct_terms(query: str) -> None:
    terms = terms_of(query)
    assert len(terms) == len(set(terms)) <= MAX_TERMS
    assert all(1 <= len(term) <= LONGEST_TERM for term in terms)


@given(st.text(max_size=100))
def test_the_words_of_a_composed_text_are_found_at_their_positions(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    for start, end, word in words_with_positions(composed):
        assert fold(composed[start:end])[:LONGEST_TERM] == word


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("sofa", "sofa", 0),
        ("leathr", "leather", 1),
        ("sofaa", "sofa", 1),
        ("lanp", "lamp", 1),
        ("chiar", "chair", 1),
        ("", "rug", 3),
        ("chic", "chair", 2),
    ],
)
def test_inserting_deleting_replacing_and_swapping_are_one_edit_each(one: str, other: str, edits: int) -> None:
    assert edits_between(one, other) == edits


_SHORT_WORD = st.text("abc", max_size=6)


@given(_SHORT_WORD, _SHORT_WORD)
def test_edits_are_symmetric_and_no_more_than_the_longer_word(one: str, other: str) -> None:
    edits = edits_between(one, other)
    assert edits == edits_between(other, one)
    assert abs(len(one) - len(other)) <= edits <= max(len(one), len(other))
    assert (edits == 0) == (one == other)


def test_a_misspelling_is_corrected_to_the_most_similar_existing_word() -> None:
    assert correct_terms(["chiar", "leathr"], ["chic", "chair", "leather", "chandelier"]) == ("chair", "leather")


def test_a_correct_word_and_a_word_without_similar_words_stay() -> None:
    assert correct_terms(["chair", "zebra"], ["chair", "chairs", "table"]) == ("chair", "zebra")


def test_a_word_of_three_letters_is_never_corrected() -> None:
    assert correct_terms(["rag"], ["rug"]) == ("rag",)
