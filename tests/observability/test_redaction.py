"""Redaction takes a time proportional to the length of a text, whatever the text is."""

import time

import pytest

from luxewin.kit.observability.redaction import REDACTED, redact, redact_text

TEXTS = [
    *("1", "a", "\u00e9", "eyJ", "eyJ.", "a.", "a@", "a@b.", "1 ", "1-", "a-"),
    *("postgres://", "key=", "Bearer ", "(", "Key ("),
]
LENGTH = 100_000


@pytest.mark.parametrize("text", TEXTS)
def test_a_long_text_is_redacted_quickly(text: str) -> None:
    long_text = text * (LENGTH // len(text))
    started = time.process_time()
    redact_text(long_text)
    redact("message", long_text)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "mail to first.last+tag@mail.example.co.uk now",
        "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl",
        "Authorization: Bearer abc",
        "postgresql://user:word@host/db",
        "4242 4242 4242 4242",
        "password = hunter2",
        "ab12" * 8,
    ],
)
def test_what_is_secret_or_personal_is_redacted(text: str) -> None:
    assert REDACTED in redact_text(text)
