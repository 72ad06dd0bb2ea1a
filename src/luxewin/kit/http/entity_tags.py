"""Entity tags (RFC 9110, 8.8.3): each encoding of a response has its own, and all of them stand for one version."""

import re

_SUFFIX = re.compile(r'-(?:br|gzip)"')


def tag_in_encoding(tag: str, encoding: str) -> str:
    """Return the tag of the response in a content encoding: `"3"` becomes `"3-br"`."""
    return f'{tag.removesuffix(chr(34))}-{encoding}"'


def without_encodings(tags: str) -> str:
    """Return the tags of a request header as they are without a content encoding."""
    return _SUFFIX.sub('"', tags)


def matches(tags: str, tag: str) -> bool:
    """Return whether `If-None-Match` contains the tag, in any encoding; the comparison is weak (RFC 9110, 13.1.2)."""
    wanted = without_encodings(tag).removeprefix("W/")
    if tags.strip() == "*":
        return True
    return wanted in {item.strip().removeprefix("W/") for item in without_encodings(tags).split(",")}
