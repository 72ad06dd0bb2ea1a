"""Descriptions are HTML from any source; active content is removed before they are stored."""

import html

import nh3

LONGEST_DESCRIPTION = 100_000
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "mark", "ol", "p",
    "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_MOST_ROUNDS = 4
_HARMLESS = nh3.Cleaner(
    tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow"
)
_BARE = nh3.Cleaner(tags=set())


def sanitise(text: str) -> str:
    """Return the description with harmless markup only; sanitising it again changes nothing.

    Text without any markup is returned unchanged: `Tables & Chairs` stays `Tables & Chairs`.
    """
    for _ in range(_MOST_ROUNDS):
        cleaned = _clean(text)
        if cleaned == text:
            break
        text = cleaned
    return text if text.strip() else ""


def plain_text(description: str) -> str:
    """Return the visible text of a description, for indexes and previews."""
    if "<" not in description:
        return " ".join(html.unescape(description).split())
    spaced = description.replace("<", " <")
    return " ".join(html.unescape(_BARE.clean(spaced)).split())


def _clean(text: str) -> str:
    if "<" not in text:
        return text
    return _HARMLESS.clean(text)
