"""Entity tags in conditional requests (RFC 9110, 13.1)."""

import re

MOST_TAGS = 50
_TAG = re.compile(r'[ \t]*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)')


def strong_tags(header: str) -> list[str]:
    """Return the strong entity tags of an `If-Match`, without their quotes; weak ones never match there.

    A malformed list ends at its first error.
    """
    return [text for weak, text in _tags(header) if not weak]


def matches_weakly(header: str, tag: str) -> bool:
    """Return whether an `If-None-Match` holds the quoted strong tag, or any (`*`); the comparison is weak."""
    return header.strip() == "*" or tag.strip('"') in {text for _, text in _tags(header)}


def _tags(header: str) -> list[tuple[bool, str]]:
    tags: list[tuple[bool, str]] = []
    position = 0
    while position < len(header) and len(tags) < MOST_TAGS:
        found = _TAG.match(header, position)
        if found is None:
            break
        tags.append((found[1] is not None, found[2]))
        position = found.end()
    return tags
