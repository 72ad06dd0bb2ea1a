"""Things for terrace and garden."""

from .shapes import GROUND, Palette, area, box, line, oval, shadow, turned


def parasol(p: Palette) -> str:
    """An open sunshade."""
    return "".join(
        (
            shadow(120),
            line(f"M400 180V{GROUND - 20}", p.wood, 16),
            box(320, GROUND - 30, 160, 32, p.metal, round_by=14),
            area("M120 372C150 220 280 160 400 160S650 220 680 372Z", p.main),
            area("M250 372C270 240 340 170 400 160C460 170 530 240 550 372Z", p.linen),
            area("M334 372C344 260 370 180 400 160C430 180 456 260 466 372Z", p.main),
            area("M120 372C160 352 220 352 250 372C290 352 310 352 334 372C370 354 430 354 466 372", p.deep),
            area("M466 372C490 352 520 352 550 372C590 352 640 352 680 372Z", p.deep),
            oval(400, 158, 14, 14, p.brass),
        )
    )


def planter(p: Palette) -> str:
    """A large pot with a plant of broad leaves."""
    leaves = "".join(
        turned(
            degrees,
            400,
            470,
            area("M400 470C350 400 356 310 400 250C444 310 450 400 400 470Z", p.leaf if i % 2 else p.moss),
            line("M400 460V290", p.linen, 2),
        )
        for i, degrees in enumerate((-78, -50, -24, 0, 26, 52, 80))
    )
    return "".join(
        (
            shadow(150),
            leaves,
            area(f"M276 450H524L494 {GROUND}H306Z", p.main),
            area(f"M464 450H524L494 {GROUND}H444Z", p.deep),
            box(264, 436, 272, 40, p.light, round_by=14),
        )
    )


def olive_tree(p: Palette) -> str:
    """A low wide pot with a small tree."""
    crown = "".join(
        oval(x, y, size, size * 0.86, shade)
        for x, y, size, shade in (
            (330, 300, 84, p.moss),
            (470, 300, 88, p.moss),
            (400, 240, 100, p.leaf),
            (360, 340, 70, p.leaf),
            (446, 344, 66, p.leaf),
        )
    )
    return "".join(
        (
            shadow(190),
            line("M400 540C396 470 410 440 398 360M402 470C420 430 436 420 448 380", p.bark, 16),
            crown,
            area(f"M236 530H564C560 610 520 {GROUND} 480 {GROUND}H320C280 {GROUND} 240 610 236 530Z", p.main),
            area(f"M490 530H564C560 610 520 {GROUND} 480 {GROUND}H440C480 620 490 580 490 530Z", p.deep),
            box(226, 516, 348, 30, p.light, round_by=15),
        )
    )


def fire_bowl(p: Palette) -> str:
    """A bowl with a fire."""
    return "".join(
        (
            shadow(200),
            oval(400, 420, 240, 190, p.glow, opacity=0.35),
            area("M400 250C470 340 500 390 470 450C460 480 340 480 330 450C300 390 380 360 400 250Z", "#e2853d"),
            area("M404 330C446 392 450 420 436 456C420 476 372 470 366 446C356 410 396 390 404 330Z", "#f6c453"),
            line("M300 462L490 440M320 438L500 466", p.bark, 18),
            area("M210 452H590C580 550 500 590 400 590S220 550 210 452Z", p.metal),
            area("M500 452H590C580 550 500 590 400 590C480 570 500 520 500 452Z", "#2b2927"),
            line(f"M310 572L282 {GROUND}M490 572L518 {GROUND}", p.metal, 16),
        )
    )


def lantern(p: Palette) -> str:
    """A lantern with a candle."""
    return "".join(
        (
            shadow(130),
            oval(400, 480, 190, 190, p.glow, opacity=0.35),
            line("M340 300C340 220 460 220 460 300", p.metal, 10),
            area("M300 350L360 290H440L500 350Z", p.main),
            box(300, 350, 200, 280, p.glow, round_by=6),
            box(370, 500, 60, 116, p.linen, round_by=6),
            area("M400 432C420 462 420 486 400 492C380 486 380 462 400 432Z", "#e2853d"),
            line("M306 352V626M494 352V626M400 352V420", p.main, 14),
            box(286, 616, 228, 34, p.deep, round_by=8),
        )
    )


def garden_table(p: Palette) -> str:
    """A slatted table with a pitcher."""
    slats = "".join(box(110 + i * 98, 436, 90, 26, p.wood, round_by=6) for i in range(6))
    return "".join(
        (
            shadow(320),
            line(f"M200 470L250 {GROUND}M250 470L200 {GROUND}M550 470L600 {GROUND}M600 470L550 {GROUND}", p.metal, 16),
            slats,
            box(110, 458, 582, 14, p.bark, round_by=6),
            area("M370 340H440L450 436H360Z", p.light, opacity=0.9),
            area("M364 390H446L450 436H360Z", p.accent, opacity=0.9),
            line("M444 352C484 354 480 404 448 406", p.light, 9),
            area("M500 384H544L538 436H506Z", p.linen),
            area("M262 384H306L300 436H268Z", p.linen),
        )
    )
