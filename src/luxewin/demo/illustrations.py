"""Pictures of the demo's products: SVG templates, coloured by palette.

`illustrations.toml` assigns templates to titles and lists the colours; `svg/` contains the templates. They were
made for this project and are under its licence.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

_FOLDER = files("luxewin.demo")
_OUTDOOR = "outdoor"
_FALLBACK = "vase"


def svg_for(handle: str, title: str, category: str) -> str:
    """Return the picture of a product as an SVG document of 800 by 800 units.

    The title selects the template; if it matches no pattern, the category does. The handle selects the palette by
    its hash: a product looks the same in every installation, and neighbours in a list mostly differ in colour.
    """
    kind = category.casefold()
    colours = _colours(handle)
    product = _template("products", _product_template(title, kind)).substitute(colours)
    scene = _template("scenes", "garden" if kind == _OUTDOOR else "room")
    printable = "".join(character for character in title if character.isprintable())
    return scene.substitute(colours, title=escape(printable), product=product)


def _product_template(title: str, kind: str) -> str:
    config = _config()
    patterns = (*config["by_title_outdoor"], *config["by_title"]) if kind == _OUTDOOR else config["by_title"]
    for pattern, name in patterns:
        if re.search(rf"\b(?:{pattern})s?\b", title, re.IGNORECASE):
            return str(name)
    return str(config["by_category"].get(kind, _FALLBACK))


def _colours(handle: str) -> Mapping[str, str]:
    config = _config()
    digest = blake2b(handle.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    palette = config["palettes"][int.from_bytes(digest) % len(config["palettes"])]
    return {**config["materials"], **palette}


@cache
def _config() -> Mapping[str, Any]:
    return tomllib.loads(_FOLDER.joinpath("illustrations.toml").read_text(encoding="utf-8"))


@cache
def _template(folder: str, name: str) -> Template:
    return Template(_FOLDER.joinpath("svg", folder, f"{name}.svg").read_text(encoding="utf-8").strip())
