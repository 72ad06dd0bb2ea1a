"""Things that make a room one's own."""

from .shapes import Palette, area, box, line, oval, shadow, turned


def rug(p: Palette) -> str:
    """A rug on the floor, with stripes and fringes."""
    fringes = "".join(
        line(f"M{x} 692V712", p.linen, 5) + line(f"M{150 + (x - 84) * 0.79:g} 452V438", p.linen, 4)
        for x in range(96, 720, 28)
    )
    return "".join(
        (
            fringes,
            area("M150 452H650L716 692H84Z", p.main),
            area("M142 482H658L667 512H133Z", p.light),
            area("M119 564H681L694 612H106Z", p.accent),
            area("M98 640H702L709 664H91Z", p.light),
            line("M200 588L250 572L300 588L350 572L400 588L450 572L500 588L550 572L600 588", p.linen, 6),
        )
    )


def round_rug(p: Palette) -> str:
    """A round rug of rings."""
    return "".join(
        (
            oval(400, 600, 330, 112, p.main),
            oval(400, 600, 270, 90, p.light),
            oval(400, 600, 214, 70, p.accent),
            oval(400, 600, 154, 50, p.linen),
            oval(400, 600, 92, 30, p.main),
        )
    )


def mirror(p: Palette) -> str:
    """A round mirror on the wall above a shelf."""
    return "".join(
        (
            oval(400, 320, 196, 196, p.main),
            oval(400, 320, 174, 174, "#e9f0f1"),
            line("M300 380L440 210M350 420L500 240M440 412L492 350", "#ffffff", 14),
            box(220, 590, 360, 24, p.wood, round_by=8),
            box(240, 566, 110, 24, p.accent, round_by=4),
            area("M470 530H530L522 590H478Z", p.linen),
            line("M500 530C500 500 520 484 536 476M500 530C496 500 484 492 470 486", p.moss, 5),
        )
    )


def tall_mirror(p: Palette) -> str:
    """A leaning mirror with an arched top."""
    return "".join(
        (
            shadow(170),
            area("M260 650V330C260 140 540 140 540 330V650Z", p.main),
            area("M282 630V334C282 172 518 172 518 334V630Z", "#e9f0f1"),
            line("M320 470L450 290M340 540L490 330M420 560L496 452", "#ffffff", 14),
        )
    )


def vase(p: Palette) -> str:
    """A full-bodied vase with branches."""
    return "".join(
        (
            shadow(140),
            line(
                "M396 400C380 300 330 240 290 190M402 400C404 290 410 230 420 150M406 400C430 310 480 270 520 230",
                p.bark,
                7,
            ),
            *(
                turned(turn, x, y, oval(x, y, 34, 15, shade))
                for turn, x, y, shade in (
                    (-60, 300, 214, p.leaf),
                    (30, 330, 260, p.moss),
                    (-70, 350, 310, p.leaf),
                    (80, 420, 160, p.leaf),
                    (-40, 440, 220, p.moss),
                    (40, 390, 250, p.leaf),
                    (-30, 508, 246, p.leaf),
                    (60, 460, 290, p.moss),
                )
            ),
            area("M362 392H438V430C530 470 530 620 450 650H350C270 620 270 470 362 430Z", p.main),
            area("M414 392H438V430C530 470 530 620 450 650H410C500 610 490 470 414 430Z", p.deep),
            box(350, 382, 100, 22, p.light, round_by=11),
        )
    )


def vases(p: Palette) -> str:
    """Three small vases together."""
    return "".join(
        (
            shadow(240),
            area("M206 440H264V480C310 510 310 620 270 650H200C160 620 160 510 206 480Z", p.main),
            area("M380 350H420V430C500 470 500 610 440 650H360C300 610 300 470 380 430Z", p.light),
            area("M548 490H592C640 540 640 630 600 650H540C500 630 500 540 548 490Z", p.deep),
            line("M400 352C396 280 420 240 436 200M400 320C380 290 366 270 350 258", p.moss, 6),
            turned(-50, 432, 216, oval(432, 216, 30, 13, p.leaf)),
            turned(40, 356, 264, oval(356, 264, 26, 12, p.leaf)),
            oval(570, 452, 26, 26, p.accent),
            line("M570 492V470", p.moss, 6),
        )
    )


def cushions(p: Palette) -> str:
    """Two cushions leaning on each other."""
    return "".join(
        (
            shadow(260),
            turned(-10, 320, 520, _cushion(190, 400, 250, p.main)),
            turned(12, 500, 530, _cushion(390, 420, 224, p.accent)),
            turned(12, 500, 530, line("M420 470H586M420 510H586M420 550H586M420 590H586", p.linen, 9)),
        )
    )


def blanket(p: Palette) -> str:
    """A pile of folded blankets."""
    return "".join(
        (
            shadow(250),
            box(180, 560, 440, 90, p.deep, round_by=40),
            box(196, 480, 408, 88, p.main, round_by=40),
            box(212, 404, 376, 84, p.light, round_by=38),
            line("M236 446H564", p.main, 5),
            line("M220 524H580", p.deep, 5),
            line("M204 606H596", p.main, 5),
            area("M430 404H520V600C500 612 450 612 430 600Z", p.accent),
            line("M440 606V626M458 610V630M476 610V630M494 610V630M510 606V626", p.accent, 5),
        )
    )


def clock(p: Palette) -> str:
    """A wall clock."""
    hours = "".join(
        turned(30 * hour, 400, 350, box(394, 190, 12, 30 if hour % 3 == 0 else 16, p.metal, round_by=6))
        for hour in range(12)
    )
    return "".join(
        (
            oval(406, 358, 206, 206, "#000", opacity=0.08),
            oval(400, 350, 206, 206, p.main),
            oval(400, 350, 178, 178, p.linen),
            hours,
            line("M400 350L322 300", p.metal, 14),
            line("M400 350L480 250", p.metal, 10),
            oval(400, 350, 14, 14, p.brass),
        )
    )


def candles(p: Palette) -> str:
    """Three candlesticks of different heights."""
    places = ((260, 400, p.main), (400, 300, p.deep), (540, 440, p.accent))
    return shadow(230) + "".join(_candle(p, x, top, shade) for x, top, shade in places)


def picture(p: Palette) -> str:
    """A framed abstract picture above a shelf."""
    return "".join(
        (
            box(232, 134, 352, 452, "#000", round_by=6, opacity=0.08),
            box(224, 126, 352, 452, p.wood, round_by=6),
            box(242, 144, 316, 416, p.linen),
            oval(450, 260, 66, 66, p.accent),
            area("M282 520V400C330 330 390 330 420 400S500 440 518 400V520Z", p.main),
            area("M282 520V460C340 420 400 440 440 480S500 490 518 470V520Z", p.deep),
            line("M300 230H360M300 256H340", p.light, 8),
        )
    )


def basket(p: Palette) -> str:
    """A woven basket with a blanket in it."""
    weave = "".join(line(f"M{230 + i * 4} {500 + i * 28}H{570 - i * 4}", p.deep, 6) for i in range(6))
    return "".join(
        (
            shadow(190),
            area("M270 470C290 380 380 400 410 430C450 380 540 400 540 470Z", p.linen),
            area("M330 470C350 420 400 410 430 470Z", p.accent),
            area("M214 460H586L550 630C548 644 540 650 528 650H272C260 650 252 644 250 630Z", p.main),
            weave,
            box(202, 448, 396, 34, p.light, round_by=17),
            line("M226 470C170 480 180 560 240 550M574 470C630 480 620 560 560 550", p.deep, 12),
        )
    )


def tableware(p: Palette) -> str:
    """A pile of plates, a bowl and a cup."""
    return "".join(
        (
            shadow(290),
            *(oval(300, 630 - i * 20, 170 - i * 4, 22, (p.main, p.light)[i % 2]) for i in range(4)),
            area("M190 500H410C404 552 360 568 300 568S196 552 190 500Z", p.deep),
            oval(300, 500, 110, 18, p.light),
            area("M520 530H640C640 610 620 646 580 646S520 610 520 530Z", p.accent),
            line("M640 548C690 548 684 612 632 608", p.accent, 12),
            oval(580, 530, 60, 11, p.linen),
        )
    )


def glassware(p: Palette) -> str:
    """A carafe with two glasses."""
    return "".join(
        (
            shadow(250),
            area("M360 230H440V380C510 430 520 560 490 650H310C280 560 290 430 360 380Z", p.light, opacity=0.85),
            area("M302 510H498C504 560 500 610 490 650H310C300 610 296 560 302 510Z", p.main, opacity=0.75),
            box(352, 222, 96, 16, p.deep, round_by=8),
            area("M170 500H270L254 650H186Z", p.light, opacity=0.85),
            area("M178 570H262L254 650H186Z", p.accent, opacity=0.7),
            area("M530 500H630L614 650H546Z", p.light, opacity=0.85),
            area("M538 570H622L614 650H546Z", p.accent, opacity=0.7),
        )
    )


def linen(p: Palette) -> str:
    """Folded cloths tied with a ribbon."""
    return "".join(
        (
            shadow(250),
            box(190, 590, 420, 60, p.light, round_by=14),
            box(200, 536, 400, 58, p.linen, round_by=14),
            box(210, 482, 380, 58, p.main, round_by=14),
            box(220, 428, 360, 58, p.light, round_by=14),
            box(380, 424, 40, 228, p.accent, round_by=4),
            area("M400 430C340 372 330 420 400 430C460 372 470 420 400 430Z", p.accent),
        )
    )


def _candle(p: Palette, x: float, top: float, shade: str) -> str:
    flame = "c16 26 14 42 0 46c-14 -4 -16 -20 0 -46z"
    stick = f"h64l-20 30V620c28 6 44 20 48 30h-120c4 -10 20 -24 48 -30V{top + 126:g}z"
    return "".join(
        (
            oval(x, top - 30, 52, 62, p.glow, opacity=0.4),
            area(f"M{x:g} {top - 62:g}{flame}", "#eda243"),
            box(x - 14, top - 10, 28, 110, p.linen, round_by=6),
            area(f"M{x - 32:g} {top + 96:g}{stick}", shade),
        )
    )


def _cushion(x: float, y: float, size: float, fill: str) -> str:
    """A square whose sides curve inwards."""
    half, dent = size / 2, 22
    sides = (
        f"q{half:g} {dent} {size:g} 0"
        f"q{-dent} {half:g} 0 {size:g}"
        f"q{-half:g} {-dent} {-size:g} 0"
        f"q{dent} {-half:g} 0 {-size:g}z"
    )
    return area(f"M{x:g} {y:g}{sides}", fill)
