"""Entity tags (RFC 9110, 8.8.3 and 13.1): each encoding of a response has its own, and all of them mean one version."""

import re

MOST_TAGS = 50
_TAG = re.compile(r'[ \t]*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)')
_SUFFIX = re.compile(r'-(?:br|gzip)"')


def tag_in_encoding(tag: str, encoding: str) -> str:
    """Return the tag of the response in a content encoding: `"3"` becomes `"3-br"`."""
    return f'{tag.removesuffix(chr(34))}-{encoding}"'


def without_encodings(tags: str) -> str:
    """Return the tags of a request header as they are without a content encoding."""
    return _SUFFIX.sub('"', tags)


def strong_tags(header: str) -> list[str]:
    """Return the strong entity tags of an `If-Match`, without quotes and encodings; weak ones never match there.

    A malformed list ends at its first error.
    """
    return [text for weak, text in _tags(header) if not weak]


def matches_weakly(header: str, tag: str) -> bool:
    """Return whether an `If-None-Match` contains the quoted tag, in any encoding, or `*`; the comparison is weak."""
    current = without_encodings(tag).removeprefix("W/").strip('"')
    return header.strip() == "*" or current in {text for _, text in _tags(header)}


def _tags(header: str) -> list[tuple[bool, str]]:
    header = without_encodings(header)
    tags: list[tuple[bool, str]] = []
    position = 0
    while position < len(header) and len(tags) < MOST_TAGS:
        found = _TAG.match(header, position)
        if found is None:
            break
        tags.append((found[1] is not None, found[2]))
        position = found.end()
    return tags
