"""Text of one line is cleaned, and keeps what is displayed."""

import pytest

from luxewin.kit.text import clean_line


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  Anna ", "Anna"),
        ("", ""),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u202aAnna\u202c", "Anna"),
        ("\u200b+44 20 7946 0000\u200b", "+44 20 7946 0000"),
        ("\ufeffRed", "Red"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\u200ddmin", "admin"),
        ("\u200c \u2066Anna\u2069", "Anna"),
        (
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\u0d28\u0d4d\u200d", "\u0d28\u0d4d\u200d"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629"),
    ],
)
def test_what_is_invisible_goes_and_what_is_displayed_stays(given: str, cleaned: str) -> None:
    assert clean_line(given) == cleaned
    assert clean_line(cleaned) == cleaned


@pytest.mark.parametrize("text", ["two\nlines", "a\x00b", "a\u2028b", "tab\tinside", "\x1b[31mred"])
def test_a_control_character_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control characters or line breaks"):
        clean_line(text)
