"""Tables, and things that hold things."""

from .shapes import GROUND, Palette, area, box, legs, line, oval, shadow, turned


def dining_table(p: Palette) -> str:
    """A long table with something on it."""
    return "".join(
        (
            shadow(320),
            legs(170, 630, top=470, colour=p.bark, width=38, splay=10),
            box(96, 440, 608, 38, p.wood, round_by=14),
            box(96, 464, 608, 14, p.bark, round_by=7),
            _jug(p, 400),
            oval(250, 432, 52, 12, p.linen),
            oval(556, 432, 52, 12, p.linen),
        )
    )


def round_table(p: Palette) -> str:
    """A round table on one foot."""
    return "".join(
        (
            shadow(180),
            area(f"M372 470H428L452 620C470 630 500 640 520 {GROUND}H280C300 640 330 630 348 620Z", p.main),
            area(f"M410 470H428L452 620C470 630 500 640 520 {GROUND}H430Z", p.deep),
            oval(400, 462, 270, 34, p.bark),
            oval(400, 452, 270, 34, p.wood),
            _jug(p, 440),
        )
    )


def coffee_table(p: Palette) -> str:
    """A low table with books and a bowl."""
    return "".join(
        (
            shadow(280),
            legs(220, 580, top=560, colour=p.bark, width=28, splay=18),
            box(140, 534, 520, 34, p.wood, round_by=17),
            box(160, 596, 480, 14, p.bark, round_by=7),
            box(232, 512, 150, 22, p.main, round_by=4),
            box(244, 492, 130, 20, p.accent, round_by=4),
            area("M450 486H570C566 520 546 534 510 534S454 520 450 486Z", p.linen),
        )
    )


def side_table(p: Palette) -> str:
    """A small round table with a cup."""
    return "".join(
        (
            shadow(130),
            line(f"M400 450V{GROUND - 10}", p.metal, 18),
            oval(400, GROUND - 8, 96, 16, p.metal),
            box(270, 430, 260, 28, p.main, round_by=14),
            box(270, 446, 260, 12, p.deep, round_by=6),
            area("M350 378H420C420 412 408 430 385 430S350 412 350 378Z", p.linen),
            line("M420 386C444 384 444 412 414 410", p.linen, 8),
            box(440, 408, 66, 22, p.accent, round_by=4),
        )
    )


def desk(p: Palette) -> str:
    """A table with a drawer and a round mirror."""
    return "".join(
        (
            shadow(250),
            oval(400, 330, 104, 104, p.brass),
            oval(400, 330, 92, 92, p.linen),
            line("M356 372L420 290M392 384L446 316", "#ffffff", 8),
            legs(200, 600, top=500, colour=p.bark, width=26, splay=10),
            box(160, 446, 480, 74, p.wood, round_by=12),
            box(190, 462, 200, 42, p.main, round_by=8),
            box(410, 462, 200, 42, p.main, round_by=8),
            oval(290, 483, 8, 8, p.brass),
            oval(510, 483, 8, 8, p.brass),
        )
    )


def sideboard(p: Palette) -> str:
    """A long low cabinet with doors."""
    doors = "".join(box(x, 470, 164, 128, p.main, round_by=8) for x in (142, 318, 494))
    slats = "".join(line(f"M{x} 484V584", p.deep, 4) for x in range(336, 482, 16))
    return "".join(
        (
            shadow(310),
            legs(170, 630, top=604, colour=p.bark, width=22, splay=8),
            box(120, 448, 560, 168, p.wood, round_by=14),
            doors,
            slats,
            line("M288 520V548M512 520V548", p.brass, 9),
            _leafy(p, 220, 448),
            box(500, 426, 130, 22, p.accent, round_by=4),
            box(516, 406, 100, 20, p.linen, round_by=4),
        )
    )


def dresser(p: Palette) -> str:
    """A chest of drawers."""
    drawers = "".join(
        box(x, y, 176, 70, p.main, round_by=8) + oval(x + 88, y + 35, 9, 9, p.brass)
        for y in (386, 466, 546)
        for x in (216, 408)
    )
    return "".join(
        (
            shadow(230),
            legs(220, 580, top=620, colour=p.bark, width=22),
            box(192, 364, 416, 270, p.wood, round_by=14),
            drawers,
            _leafy(p, 290, 364),
        )
    )


def nightstand(p: Palette) -> str:
    """A bedside table with a book and a glass."""
    return "".join(
        (
            shadow(150),
            legs(300, 500, top=604, colour=p.bark, width=20, splay=8),
            box(270, 446, 260, 172, p.wood, round_by=14),
            box(290, 466, 220, 62, p.main, round_by=8),
            box(290, 538, 220, 62, p.deep, round_by=8),
            oval(400, 497, 9, 9, p.brass),
            oval(400, 569, 9, 9, p.brass),
            box(292, 424, 116, 22, p.accent, round_by=4),
            area("M446 384H494L488 446H452Z", p.linen, opacity=0.9),
        )
    )


def wardrobe(p: Palette) -> str:
    """A tall cupboard with two doors."""
    return "".join(
        (
            shadow(200),
            legs(250, 550, top=624, colour=p.bark, width=24),
            box(222, 190, 356, 446, p.wood, round_by=16),
            box(240, 210, 154, 404, p.main, round_by=10),
            box(406, 210, 154, 404, p.main, round_by=10),
            box(258, 230, 118, 170, p.light, round_by=8),
            box(424, 230, 118, 170, p.light, round_by=8),
            line("M382 430V480M418 430V480", p.brass, 9),
        )
    )


def bookcase(p: Palette) -> str:
    """Open shelves with books and a plant."""
    shades = (p.main, p.accent, p.linen, p.deep, p.light)
    books = "".join(
        box(280 + i * 24, y - 70 - (i * 7 + y) % 20, 20, 70 + (i * 7 + y) % 20, shades[(i + y) % 5], round_by=3)
        for y in (312, 524)
        for i in range(6)
    )
    return "".join(
        (
            shadow(180),
            box(250, 190, 300, 460, p.wood, round_by=12),
            box(268, 208, 264, 104, p.bark),
            box(268, 326, 264, 92, p.bark),
            box(268, 432, 264, 92, p.bark),
            box(268, 538, 264, 92, p.bark),
            books,
            _leafy(p, 480, 312, size=0.7),
            area("M300 360H360V418H300Z", p.main),
            oval(450, 392, 42, 26, p.light),
            turned(14, 470, 480, box(458, 452, 20, 72, p.accent, round_by=3)),
            box(290, 566, 220, 64, p.linen, round_by=8),
            line("M380 590H420", p.bark, 8),
        )
    )


def cart(p: Palette) -> str:
    """A bar cart on wheels, with bottles."""
    return "".join(
        (
            shadow(190),
            line("M240 360V620M560 360V620", p.brass, 12),
            line("M560 372H600V420", p.brass, 10),
            box(226, 430, 348, 18, p.wood, round_by=9),
            box(226, 580, 348, 18, p.wood, round_by=9),
            oval(250, 634, 18, 18, p.metal),
            oval(550, 634, 18, 18, p.metal),
            area("M300 430V350L312 330V296H328V330L340 350V430Z", p.main),
            area("M364 430V372L374 356V322H388V356L398 372V430Z", p.deep),
            area("M430 384H474L466 430H438Z", p.linen),
            area("M490 384H534L526 430H498Z", p.linen),
            box(270, 532, 120, 48, p.accent, round_by=6),
            oval(480, 560, 62, 20, p.light),
        )
    )


def _jug(p: Palette, ground: float) -> str:
    """A jug with two twigs, standing at a height."""
    drawn = "".join(
        (
            line("M404 -80C396 -130 372 -160 352 -176", p.moss, 6),
            line("M410 -80C416 -140 440 -160 452 -184", p.moss, 6),
            oval(356, -168, 26, 12, p.leaf),
            oval(382, -132, 24, 11, p.leaf),
            oval(450, -176, 26, 12, p.leaf),
            oval(430, -136, 24, 11, p.moss),
            area("M372 -88H436L444 -40C448 -12 436 0 404 0S360 -12 364 -40Z", p.accent),
        )
    )
    return f'<g transform="translate(0 {ground:g})">{drawn}</g>'


def _leafy(p: Palette, x: float, ground: float, *, size: float = 1) -> str:
    """A small plant in a pot, standing at a height."""
    leaves = "".join(
        turned(
            degrees,
            0,
            -46,
            area("M0 -46C-22 -78 -14 -112 0 -128C14 -112 22 -78 0 -46Z", p.leaf if degrees % 20 else p.moss),
        )
        for degrees in (-60, -30, 0, 30, 60)
    )
    pot = area("M-30 -50H30L24 0H-24Z", p.linen)
    return f'<g transform="translate({x:g} {ground:g}) scale({size:g})">{leaves}{pot}</g>'
