"""The pictures of the demo shop: drawn when asked for, the same each time, and nobody's property but the project's."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from html import escape

from .drawings import decor, lighting, outdoor, seating, tables
from .drawings.shapes import GROUND, HEIGHT, WIDTH, Drawing, Palette, area, box, oval

_PALETTES = (
    ("#c4704f", "#a3573a", "#dc9475", "#e3b45c", "#f4e8dc", "#ead3bf", "#dcc3a8"),  # terracotta
    ("#7d9a7a", "#5f7d5e", "#a3bb9d", "#d99a6c", "#eef0e6", "#dbe3d2", "#d3c8b2"),  # sage
    ("#5f86a6", "#456a89", "#8bacc6", "#e0a574", "#e9eff3", "#d2e0e9", "#d2c6b6"),  # dusty blue
    ("#d3a23f", "#b18427", "#e6c272", "#7f8f7a", "#f7efdc", "#eddfba", "#d9c4a0"),  # ochre
    ("#8a5a77", "#6d4460", "#ae819c", "#d9a86c", "#f2e9ee", "#e3d0dc", "#d5c2b6"),  # plum
    ("#3f6f66", "#2c554d", "#6a968d", "#e0a36a", "#e6efec", "#cddfd9", "#d3c6b0"),  # pine
    ("#d28c8a", "#b36d6c", "#e6b1ae", "#8a9e8c", "#f8ece9", "#f0d8d3", "#dfc8b8"),  # blush
    ("#6b7280", "#515763", "#949ba8", "#d6a15c", "#edeff2", "#dbdfe5", "#d0c7bb"),  # slate
    ("#b58463", "#946749", "#d0a88b", "#6f8f8c", "#f5ece3", "#e7d5c4", "#d8c2aa"),  # clay
    ("#3f8289", "#2b656c", "#6fa8ad", "#e8b26e", "#e5f0f0", "#cbe1e2", "#d5c8b4"),  # teal
    ("#4a5a86", "#36446b", "#7a89b0", "#e2a98a", "#e9ecf4", "#d2d9ea", "#d3c8ba"),  # indigo
    ("#a04f4a", "#7f3a36", "#c27d78", "#dcb877", "#f5e9e6", "#e9d2cc", "#d8c3b0"),  # brick
)
"""Main, deep, light, accent, wall, arch, floor."""

_BY_WORDS: tuple[tuple[str, Drawing], ...] = (
    ("chandelier", lighting.chandelier),
    ("globe", lighting.globe_pendant),
    ("paper (?:lantern|pendant|lamp)", lighting.paper_pendant),
    ("pendant", lighting.pendant),
    ("arc ", lighting.arc_lamp),
    ("tripod", lighting.tripod_lamp),
    ("floor lamp", lighting.floor_lamp),
    ("mushroom|portable", lighting.mushroom_lamp),
    ("desk lamp|task lamp|reading lamp", lighting.desk_lamp),
    ("lamp", lighting.table_lamp),
    ("sconce", lighting.sconce),
    ("wall light", lighting.wall_light),
    ("round rug", decor.round_rug),
    ("rug", decor.rug),
    ("corner sofa|sectional|modular sofa", seating.corner_sofa),
    ("sofa|loveseat|settee", seating.sofa),
    ("daybed", seating.daybed),
    ("rocking chair|rocker", seating.rocking_chair),
    ("armchair|easy chair|wing chair|swivel chair", seating.armchair),
    ("lounger|deck ?chair", seating.lounger),
    ("hammock", seating.hammock),
    ("spindle|wooden chair|windsor", seating.wooden_chair),
    ("stool", seating.stool),
    ("ottoman|pouf", seating.ottoman),
    ("bench", seating.bench),
    ("chair", seating.chair),
    ("nightstand|bedside table", tables.nightstand),
    ("coffee table", tables.coffee_table),
    ("side table|end table", tables.side_table),
    ("desk|vanity", tables.desk),
    ("round|pedestal", tables.round_table),
    ("bar cart|trolley", tables.cart),
    ("wardrobe|armoire", tables.wardrobe),
    ("bookcase|shel(?:f|ves|ving)", tables.bookcase),
    ("dresser|chest of drawers|tallboy", tables.dresser),
    ("sideboard|console|credenza|media", tables.sideboard),
    ("duvet|bed linen|sheet|napkin|tablecloth|runner", decor.linen),
    ("throw|blanket|quilt|coverlet", decor.blanket),
    ("bed", seating.bed),
    ("parasol", outdoor.parasol),
    ("tree pot|low planter|bowl planter", outdoor.olive_tree),
    ("planter|pot", outdoor.planter),
    ("fire", outdoor.fire_bowl),
    ("lantern", outdoor.lantern),
    ("(?:tall|floor|leaning|arched) mirror", decor.tall_mirror),
    ("mirror", decor.mirror),
    ("bud vases|vase trio|trio of vases", decor.vases),
    ("vase", decor.vase),
    ("cushion|pillow", decor.cushions),
    ("clock", decor.clock),
    ("candle(?:stick)?", decor.candles),
    ("print|picture|canvas", decor.picture),
    ("basket", decor.basket),
    ("glass|carafe|tumbler", decor.glassware),
    ("dinnerware|plate|bowl|mug|tableware", decor.tableware),
    ("table", tables.dining_table),
)
"""The first that the title names; particular things stand before general ones."""

_OUTDOOR_BY_WORDS: tuple[tuple[str, Drawing], ...] = (
    ("lounge chair|dining chair|garden chair|armchair", seating.garden_chair),
    ("dining table|garden table|bistro table", outdoor.garden_table),
)
_BY_CATEGORY: Mapping[str, Drawing] = {
    "living room": seating.sofa,
    "bedroom": seating.bed,
    "dining": tables.dining_table,
    "lighting": lighting.table_lamp,
    "outdoor": outdoor.planter,
    "decor": decor.vase,
}


def svg_for(handle: str, title: str, category: str) -> str:
    """Return the picture of a product as an SVG document of 800 by 800.

    The title says what is drawn (the category, if the title names nothing drawable), the handle gives the colours;
    so a product looks the same in every installation, and neighbours in a list look different.
    """
    outside = category.casefold() == "outdoor"
    palette = _palette(handle)
    name = escape("".join(character for character in title if character.isprintable()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">'
        f"<title>{name}</title>"
        f"{_garden(palette) if outside else _room(palette)}"
        f"{_drawing(title, category)(palette)}"
        "</svg>"
    )


def _palette(handle: str) -> Palette:
    number = int.from_bytes(blake2b(handle.encode("utf-8", "surrogatepass"), digest_size=4).digest())
    main, deep, light, accent, wall, arch, floor = _PALETTES[number % len(_PALETTES)]
    return Palette(main=main, deep=deep, light=light, accent=accent, wall=wall, arch=arch, floor=floor)


def _drawing(title: str, category: str) -> Drawing:
    kind = category.casefold()
    words = (*_OUTDOOR_BY_WORDS, *_BY_WORDS) if kind == "outdoor" else _BY_WORDS
    for pattern, drawing in words:
        if re.search(rf"\b(?:{pattern})s?\b", title, re.IGNORECASE):
            return drawing
    return _BY_CATEGORY.get(kind, decor.vase)


def _room(p: Palette) -> str:
    return "".join(
        (
            box(0, 0, WIDTH, HEIGHT, p.wall),
            area(f"M150 {GROUND - 70}V380C150 40 650 40 650 380V{GROUND - 70}Z", p.arch),
            box(0, GROUND - 70, WIDTH, HEIGHT - GROUND + 70, p.floor),
            box(0, GROUND - 76, WIDTH, 12, p.linen),
        )
    )


def _garden(p: Palette) -> str:
    boards = "".join(box(0, y, WIDTH, 3, p.wood, opacity=0.35) for y in (624, 670, 722, 780))
    return "".join(
        (
            box(0, 0, WIDTH, HEIGHT, "#e6f0f2"),
            oval(610, 190, 84, 84, "#fbe3ae"),
            area("M0 500C120 420 260 430 380 480S640 420 800 470V620H0Z", "#c4d5ba"),
            area("M0 540C160 490 300 520 440 540S680 500 800 530V620H0Z", "#a9c09e"),
            box(0, GROUND - 70, WIDTH, HEIGHT - GROUND + 70, p.floor),
            boards,
        )
    )
