"""The project's documents, as their tests read them."""

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
    """A document: where it lies, and what it says."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the root."""
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """What is no block of code."""
        return _FENCE.sub("", self.text)

    @property
    def links(self) -> Iterator[str]:
        """The targets of its links."""
        return (link[1] for link in _LINK.finditer(self.prose))

    @property
    def quoted(self) -> Iterator[str]:
        """What stands between backticks in its prose."""
        return (code[1] for code in _CODE.finditer(self.prose))

    @property
    def anchors(self) -> set[str]:
        """What a link may name behind `#`, as the usual renderers make it of headings."""
        headings = (_NOT_IN_AN_ANCHOR.sub("", heading.replace("`", "").lower()) for heading in self.headings)
        return {heading.replace(" ", "-") for heading in headings}

    @property
    def headings(self) -> list[str]:
        """Its headings, of every level."""
        return [heading[1] for heading in _HEADING.finditer(self.prose)]


DOCUMENTS = [Document(path) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]
README = ROOT / "README.md"
DECISIONS = [document for document in DOCUMENTS if re.match(r"docs/decisions/\d", document.name)]
