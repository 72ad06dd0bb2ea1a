"""A highlight marks the matches and is safe to insert into a page."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.storefront.domain.highlights import SNIPPET_CHARACTERS, highlight, snippet


def test_the_matching_words_are_marked_as_they_are_written() -> None:
    assert highlight("Crème Lamps, two", ["creme", "lamp"]) == "<mark>Crème</mark> <mark>Lamps</mark>, two"


def test_a_stem_that_ends_in_i_matches_the_word_that_ends_in_y() -> None:
    assert highlight("happy unhappy", ["happi"]) == "<mark>happy</mark> unhappy"


def test_a_short_term_marks_whole_words_only() -> None:
    assert highlight("TV tvs", ["tv"]) == "<mark>TV</mark> tvs"


def test_markup_in_a_text_is_shown_not_obeyed() -> None:
    assert highlight("<b>lamp</b> & co", ["lamp"]) == "&lt;b&gt;<mark>lamp</mark>&lt;/b&gt; &amp; co"


@given(st.text(), st.lists(st.text("abc", min_size=1), max_size=3))
def test_a_highlight_holds_no_markup_but_marks_and_loses_no_character(text: str, stems: list[str]) -> None:
    unmarked = re.sub(r"</?mark>", "", highlight(text, stems))
    assert not set(unmarked) & set("<>\"'")
    assert unescape(unmarked) == highlighted_plain(text)


def highlighted_plain(text: str) -> str:
    return unescape(highlight(text, []))


def test_a_snippet_is_the_passage_around_the_first_match() -> None:
    text = "word " * 100 + "the brass lamp glows " + "word " * 100
    passage = snippet(text, ["lamp"])
    assert passage is not None
    assert "brass <mark>lamp</mark> glows" in passage
    assert passage.startswith("… word")
    assert passage.endswith("word …")
    assert len(passage) < SNIPPET_CHARACTERS + 40


def test_a_text_without_spaces_is_cut_at_the_match() -> None:
    passage = snippet("x" * 200 + ":lamp:" + "y" * 500, ["lamp"])
    assert passage is not None
    assert passage.startswith("… <mark>lamp</mark>")


def test_a_short_text_is_shown_whole() -> None:
    assert snippet("A brass lamp", ["lamp"]) == "A brass <mark>lamp</mark>"


def test_there_is_no_snippet_if_nothing_matches() -> None:
    assert snippet("A brass lamp", ["rug"]) is None
