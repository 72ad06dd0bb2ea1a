"""Pages from templates: every value is escaped, and a missing value is an error."""

import pytest
from jinja2 import UndefinedError

from luxewin.pages.html import render


def test_a_value_is_escaped() -> None:
    page = render("errors.html", topics={'<">': []}, messages={})
    assert 'href="#&lt;&#34;&gt;"' in page


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="topics"):
        render("errors.html")
