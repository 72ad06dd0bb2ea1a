"""HTML from templates: whatever is put into one is escaped, unless it is markup already."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from luxewin import __version__
from luxewin.pages.static_files import address_of

_TEMPLATES = Path(__file__).parent / "templates"
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a page may load: its own files. Nothing inline, nothing from elsewhere."""


def fill(template: str, /, **values: Any) -> Markup:
    """Return the template of this name with the values in its places, escaped."""
    return _template(template).format(**values)


def each(pieces: Sequence[Markup]) -> Markup:
    """Join pieces of markup."""
    return Markup("\n").join(pieces)


def page(
    title: str,
    body: Markup,
    *,
    styles: Sequence[str],
    scripts: Sequence[str] = (),
    modules: Sequence[str] = (),
    language: str = "en",
    direction: str = "ltr",
) -> Markup:
    """Return a whole page that loads these style sheets, scripts and JavaScript modules."""
    head = each(
        [fill("style", address=address_of(name)) for name in styles]
        + [fill("script", address=address_of(name)) for name in scripts]
        + [fill("module", address=address_of(name)) for name in modules]
    )
    icon = address_of("mark.svg")
    return fill("page", title=title, icon=icon, head=head, body=body, language=language, direction=direction)


def masthead() -> Markup:
    """Return the head of every page of ours."""
    return fill("top", version=__version__, icon=address_of("mark.svg"))


def html(content: Markup, *, policy: str = STRICT_POLICY, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a page, which is not kept anywhere on its way."""
    kept = {"content-security-policy": policy, "cache-control": "no-store", **(headers or {})}
    return Response(content, media_type="text/html", headers=kept)


@cache
def _template(name: str) -> Markup:
    return Markup((_TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))  # noqa: S704 - a file of this package
