"""Things that give light."""

from .shapes import GROUND, Palette, area, box, line, oval, shadow


def pendant(p: Palette) -> str:
    """A dome on a cord."""
    return "".join(
        (
            _cone(p, 400, 430, 190),
            line("M400 0V250", p.metal, 6),
            box(386, 236, 28, 36, p.brass, round_by=8),
            area("M230 430C230 320 310 268 400 268S570 320 570 430Z", p.main),
            area("M430 272C520 288 570 340 570 430H500C500 350 470 300 430 272Z", p.deep),
            oval(400, 430, 170, 18, p.glow),
            oval(400, 436, 44, 26, "#fff6d6"),
        )
    )


def globe_pendant(p: Palette) -> str:
    """Three glass globes at different heights."""
    globes = "".join(
        line(f"M{x} 0V{y - size}", p.metal, 5)
        + box(x - 12, y - size - 14, 24, 24, p.brass, round_by=6)
        + oval(x, y, size + 26, size + 26, p.glow, opacity=0.35)
        + oval(x, y, size, size, shade)
        + oval(x - size / 3, y - size / 3, size / 4, size / 5, "#ffffff", opacity=0.7)
        for x, y, size, shade in ((250, 340, 62, p.light), (410, 460, 84, p.glow), (570, 300, 70, p.main))
    )
    return globes + shadow(120)


def paper_pendant(p: Palette) -> str:
    """A large folded paper lantern."""
    folds = "".join(line(f"M400 228C{x} 300 {x} 480 400 552", p.deep, 2.5) for x in (190, 260, 330, 470, 540, 610))
    return "".join(
        (
            oval(400, 390, 240, 230, p.glow, opacity=0.3),
            line("M400 0V230", p.metal, 6),
            oval(400, 390, 184, 166, p.light),
            folds,
            box(372, 216, 56, 16, p.wood, round_by=6),
            box(372, 546, 56, 16, p.wood, round_by=6),
            shadow(140),
        )
    )


def chandelier(p: Palette) -> str:
    """A ring of small shades."""
    lamps = "".join(
        oval(x, y - 4, 62, 56, p.glow, opacity=0.3)
        + line(f"M{x} {y + 40}V{y + 12}", p.brass, 10)
        + area(f"M{x - 26} {y - 36}H{x + 26}L{x + 42} {y + 20}H{x - 42}Z", shade)
        for x, y, shade in ((190, 380, p.main), (330, 404, p.light), (470, 404, p.light), (610, 380, p.main))
    )
    return "".join(
        (
            line("M400 0V330", p.metal, 6),
            oval(400, 330, 26, 26, p.brass),
            line("M400 340C400 470 190 460 190 420M400 340C400 470 610 460 610 420", p.brass, 10),
            line("M400 340C396 460 330 470 330 444M400 340C404 460 470 470 470 444", p.brass, 10),
            lamps,
            oval(400, 474, 18, 22, p.brass),
            shadow(150),
        )
    )


def floor_lamp(p: Palette) -> str:
    """A shade on a tall stand."""
    return "".join(
        (
            shadow(110),
            _cone(p, 400, 320, 130),
            line(f"M400 320V{GROUND - 8}", p.brass, 12),
            oval(400, GROUND - 6, 92, 15, p.brass),
            area("M330 172H470L520 330H280Z", p.main),
            area("M440 172H470L520 330H464Z", p.deep),
            oval(400, 330, 120, 12, p.glow),
            line("M452 330V400", p.metal, 4),
            oval(452, 404, 7, 7, p.metal),
        )
    )


def arc_lamp(p: Palette) -> str:
    """A lamp that reaches over."""
    return "".join(
        (
            shadow(110, x=230),
            _cone(p, 560, 364, 140),
            line(f"M230 {GROUND - 16}V360C230 170 560 130 560 262", p.metal, 13),
            box(160, GROUND - 30, 140, 30, p.linen, round_by=10),
            area("M450 364C450 296 500 260 560 260S670 296 670 364Z", p.main),
            area("M590 264C640 276 670 310 670 364H628C628 320 616 286 590 264Z", p.deep),
            oval(560, 364, 110, 13, p.glow),
        )
    )


def tripod_lamp(p: Palette) -> str:
    """A drum shade on three legs."""
    return "".join(
        (
            shadow(170),
            _cone(p, 400, 340, 150),
            line(f"M400 370L270 {GROUND}M400 370L530 {GROUND}M400 370V{GROUND - 10}", p.wood, 18),
            line("M330 520H470", p.bark, 8),
            box(384, 340, 32, 46, p.brass, round_by=8),
            box(270, 190, 260, 156, p.main, round_by=16),
            box(456, 190, 74, 156, p.deep, round_by=16),
            oval(400, 344, 122, 10, p.glow),
        )
    )


def table_lamp(p: Palette) -> str:
    """A lamp with a round ceramic foot, on a shelf."""
    return "".join(
        (
            _shelf(p),
            oval(400, 380, 220, 190, p.glow, opacity=0.3),
            area("M356 470H444C520 500 520 610 440 610H360C280 610 280 500 356 470Z", p.main),
            area("M430 470H444C520 500 520 610 440 610H400C480 600 480 500 430 470Z", p.deep),
            box(386, 430, 28, 46, p.brass, round_by=6),
            area("M334 262H466L528 432H272Z", p.linen),
            area("M430 262H466L528 432H466Z", p.light, opacity=0.45),
        )
    )


def mushroom_lamp(p: Palette) -> str:
    """A lamp in one piece, with a cap."""
    return "".join(
        (
            _shelf(p),
            oval(400, 420, 230, 190, p.glow, opacity=0.35),
            area("M366 430H434L452 610H348Z", p.light),
            area("M238 440C238 330 320 288 400 288S562 330 562 440C562 462 238 462 238 440Z", p.main),
            area("M450 296C522 312 562 362 562 440C562 452 520 458 470 460C510 400 500 340 450 296Z", p.deep),
            box(330, 596, 140, 18, p.light, round_by=9),
        )
    )


def desk_lamp(p: Palette) -> str:
    """A jointed lamp that leans."""
    return "".join(
        (
            _shelf(p),
            area("M520 372L640 560H380Z", p.glow, opacity=0.45),
            line("M330 600L260 440L450 300", p.metal, 14),
            oval(260, 440, 16, 16, p.brass),
            box(256, 588, 150, 24, p.main, round_by=12),
            area("M430 262C480 240 560 290 566 366L454 380C420 350 404 290 430 262Z", p.main),
            area("M520 286C546 306 564 336 566 366L520 372C530 340 530 310 520 286Z", p.deep),
        )
    )


def sconce(p: Palette) -> str:
    """A light on the wall."""
    return "".join(
        (
            oval(400, 340, 250, 240, p.glow, opacity=0.35),
            box(364, 360, 72, 170, p.brass, round_by=36),
            line("M400 470V400", p.metal, 14),
            area("M318 240H482L452 400H348Z", p.main),
            area("M448 240H482L452 400H424Z", p.deep),
            oval(400, 240, 82, 14, p.glow),
        )
    )


def wall_light(p: Palette) -> str:
    """A folded sheet on the wall, with the light in the fold."""
    return "".join(
        (
            oval(400, 340, 240, 260, p.glow, opacity=0.35),
            area("M400 190L540 130V430L400 490Z", p.glow, opacity=0.6),
            area("M270 150L400 210V530L270 470Z", p.main),
            area("M400 210L530 150V470L400 530Z", p.light),
            area("M400 210L412 204V524L400 530Z", "#fff6d6"),
            box(384, 356, 32, 32, p.brass, round_by=16),
        )
    )


def _cone(p: Palette, x: float, y: float, reach: float) -> str:
    """The light that falls from a shade to the floor."""
    return area(
        f"M{x - reach * 0.85:g} {y:g}H{x + reach * 0.85:g}L{x + reach * 1.6:g} {GROUND}H{x - reach * 1.6:g}Z",
        p.glow,
        opacity=0.28,
    )


def _shelf(p: Palette) -> str:
    return box(180, 612, 440, 26, p.wood, round_by=8) + box(180, 628, 440, 10, p.bark, round_by=5)
