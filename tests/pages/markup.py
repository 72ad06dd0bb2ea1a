"""The files and scripts of a page, parsed from its HTML."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self


@dataclass(slots=True)
class Markup:
    """The parts of a page to which its content security policy applies, its anchors, and its text."""

    addresses: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    text: str = ""

    @classmethod
    def of(cls, html: str) -> Self:
        """Read a page."""
        markup = cls()
        _Reader(markup).feed(html)
        return markup


class _Reader(HTMLParser):
    def __init__(self, markup: Markup) -> None:
        super().__init__()
        self._markup = markup
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._inside = tag
        self._markup.tags.append(tag)
        if address := named.get("src") or (named.get("href") if tag in {"link", "a"} else None):
            self._markup.addresses.append(address)
        if name := named.get("id"):
            self._markup.ids.add(name)
        self._markup.inline += [name for name in named if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"} and data.strip():
            self._markup.inline.append(data)
        self._markup.text += data
