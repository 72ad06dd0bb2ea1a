"""The documents of the project, parsed for the tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.architecture.tree import ROOT

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Document:
    """A Markdown document."""

    path: Path

    @property
    def name(self) -> str:
        """The path relative to the root."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """The complete text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without fenced code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def links(self) -> Iterator[str]:
        """The targets of all links."""
        return (link[1] for link in _LINK.finditer(self.prose))

    @property
    def quoted(self) -> Iterator[str]:
        """The inline code of the prose."""
        return (code[1] for code in _CODE.finditer(self.prose))

    @property
    def anchors(self) -> set[str]:
        """The anchors that common renderers generate from the headings."""
        headings = (_NOT_IN_AN_ANCHOR.sub("", heading.replace("`", "").lower()) for heading in self.headings)
        return {heading.replace(" ", "-") for heading in headings}

    @property
    def headings(self) -> list[str]:
        """The headings of every level."""
        return [heading[1] for heading in _HEADING.finditer(self.prose)]


DOCUMENTS = [Document(path) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]
README = ROOT / "README.md"
DECISIONS = [document for document in DOCUMENTS if re.match(r"docs/decisions/\d", document.name)]
