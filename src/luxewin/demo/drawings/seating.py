"""Things to sit and lie on."""

from .shapes import GROUND, Palette, area, box, legs, line, oval, shadow, turned


def sofa(p: Palette) -> str:
    """A sofa for two or three."""
    return "".join(
        (
            shadow(300),
            legs(170, 630, top=600, colour=p.bark, width=22),
            box(150, 392, 500, 190, p.deep, round_by=46),
            box(182, 412, 214, 130, p.main, round_by=30),
            box(404, 412, 214, 130, p.main, round_by=30),
            box(130, 552, 540, 68, p.deep, round_by=22),
            box(186, 510, 212, 66, p.light, round_by=24),
            box(402, 510, 212, 66, p.light, round_by=24),
            box(112, 462, 88, 158, p.main, round_by=40),
            box(600, 462, 88, 158, p.main, round_by=40),
            turned(-12, 270, 470, box(222, 424, 92, 92, p.accent, round_by=20)),
            turned(9, 545, 480, box(500, 434, 92, 92, p.linen, round_by=20)),
        )
    )


def corner_sofa(p: Palette) -> str:
    """A sofa with a long seat at one end."""
    return "".join(
        (
            shadow(325),
            legs(120, 400, 690, top=604, colour=p.bark, width=20),
            box(96, 390, 480, 180, p.deep, round_by=44),
            box(120, 410, 214, 120, p.main, round_by=28),
            box(342, 410, 214, 120, p.main, round_by=28),
            box(96, 546, 620, 72, p.deep, round_by=22),
            box(126, 506, 214, 66, p.light, round_by=24),
            box(346, 506, 370, 72, p.light, round_by=26),
            box(84, 456, 80, 162, p.main, round_by=38),
            turned(-10, 500, 470, box(452, 424, 92, 92, p.accent, round_by=20)),
            turned(12, 225, 470, box(186, 430, 84, 84, p.linen, round_by=20)),
        )
    )


def daybed(p: Palette) -> str:
    """A low bed for the day, with a bolster at each end."""
    return "".join(
        (
            shadow(300),
            legs(150, 650, top=570, colour=p.wood, width=24),
            box(120, 552, 560, 34, p.wood, round_by=12),
            box(136, 496, 528, 64, p.main, round_by=24),
            box(136, 530, 528, 30, p.deep, round_by=15),
            oval(180, 476, 44, 44, p.light),
            oval(180, 476, 18, 18, p.deep),
            oval(620, 476, 44, 44, p.light),
            oval(620, 476, 18, 18, p.deep),
            turned(-8, 300, 450, box(250, 404, 100, 100, p.accent, round_by=22)),
        )
    )


def armchair(p: Palette) -> str:
    """An easy chair, seen from the front."""
    return "".join(
        (
            shadow(190),
            legs(290, 510, top=596, colour=p.bark, width=22, splay=12),
            area("M268 520C254 340 300 300 400 300S546 340 532 520Z", p.deep),
            area("M304 520C294 372 330 336 400 336S506 372 496 520Z", p.main),
            box(262, 548, 276, 66, p.deep, round_by=24),
            box(296, 506, 208, 68, p.light, round_by=28),
            box(228, 452, 82, 160, p.main, round_by=40),
            box(490, 452, 82, 160, p.main, round_by=40),
            turned(8, 400, 470, box(354, 424, 92, 84, p.accent, round_by=20)),
        )
    )


def rocking_chair(p: Palette) -> str:
    """A chair on two runners, seen from the side."""
    return "".join(
        (
            shadow(210),
            line("M226 622Q400 690 596 612", p.bark, 18),
            line("M312 540L296 648", p.wood, 20),
            line("M500 540L516 646", p.wood, 20),
            line("M320 540L254 290", p.wood, 20),
            line("M300 460H490L506 540", p.wood, 18),
            turned(-15, 300, 420, box(284, 300, 56, 240, p.main, round_by=26)),
            turned(-4, 410, 530, box(300, 500, 224, 54, p.light, round_by=26)),
            turned(-4, 410, 530, box(300, 534, 224, 22, p.deep, round_by=11)),
        )
    )


def chair(p: Palette) -> str:
    """A dining chair with a padded seat and back."""
    return "".join(
        (
            shadow(150),
            line("M306 520L298 300", p.wood, 20),
            line("M494 520L502 300", p.wood, 20),
            box(290, 290, 220, 112, p.main, round_by=40),
            box(312, 312, 176, 68, p.light, round_by=30),
            legs(312, 488, top=536, colour=p.wood, width=26, splay=14),
            box(280, 500, 240, 42, p.main, round_by=20),
            box(280, 526, 240, 22, p.deep, round_by=11),
        )
    )


def wooden_chair(p: Palette) -> str:
    """A chair with spindles between seat and rail."""
    spindles = "".join(line(f"M{x} 500L{400 + (x - 400) * 1.14:g} 330", p.wood, 10) for x in (340, 370, 400, 430, 460))
    return "".join(
        (
            shadow(150),
            line("M302 510L284 320", p.bark, 18),
            line("M498 510L516 320", p.bark, 18),
            spindles,
            area("M262 340C300 280 500 280 538 340L528 366C490 326 310 326 272 366Z", p.bark),
            legs(310, 490, top=520, colour=p.bark, width=26, splay=26),
            line("M300 590H500", p.wood, 10),
            area("M268 512C268 488 532 488 532 512C532 540 510 546 400 546S268 540 268 512Z", p.main),
            area("M268 512C270 536 300 546 400 546S530 536 532 512C532 530 500 528 400 528S268 530 268 512Z", p.deep),
        )
    )


def stool(p: Palette) -> str:
    """A high stool with a foot rail."""
    return "".join(
        (
            shadow(130),
            legs(344, 456, top=400, colour=p.wood, width=24, splay=40),
            line("M322 566H478", p.brass, 12),
            box(306, 360, 188, 52, p.main, round_by=26),
            box(306, 390, 188, 24, p.deep, round_by=12),
        )
    )


def ottoman(p: Palette) -> str:
    """A round upholstered seat without a back."""
    return "".join(
        (
            shadow(200),
            legs(270, 530, top=612, colour=p.bark, width=22),
            box(220, 500, 360, 124, p.main, round_by=34),
            box(220, 590, 360, 36, p.deep, round_by=18),
            oval(400, 508, 180, 44, p.light),
            oval(400, 508, 10, 5, p.deep),
            line("M310 556V600M400 560V604M490 556V600", p.deep, 5),
        )
    )


def bench(p: Palette) -> str:
    """A long seat with a cushion."""
    return "".join(
        (
            shadow(300),
            legs(170, 630, top=560, colour=p.wood, width=30, splay=14),
            box(120, 540, 560, 32, p.wood, round_by=12),
            box(134, 492, 532, 54, p.main, round_by=24),
            box(134, 524, 532, 22, p.deep, round_by=11),
            area("M470 492H590V600C560 616 500 616 470 600Z", p.accent),
            line("M486 606V624M510 612V630M534 614V632M558 612V630M576 606V624", p.accent, 5),
        )
    )


def bed(p: Palette) -> str:
    """A made bed, seen from its foot."""
    return "".join(
        (
            shadow(310),
            legs(150, 650, top=610, colour=p.bark, width=26),
            box(120, 300, 560, 280, p.main, round_by=60),
            box(146, 326, 508, 220, p.deep, round_by=44),
            box(176, 404, 206, 100, p.linen, round_by=36),
            box(418, 404, 206, 100, p.linen, round_by=36),
            box(306, 440, 188, 80, p.accent, round_by=32),
            area("M120 530C120 488 160 476 200 476H600C640 476 680 488 680 530V628H120Z", p.linen),
            area("M120 552C240 532 300 580 420 560S600 540 680 560V628H120Z", p.light),
            box(112, 606, 576, 26, p.bark, round_by=10),
        )
    )


def lounger(p: Palette) -> str:
    """A reclining chair for the garden, seen from the side."""
    return "".join(
        (
            shadow(310),
            line("M180 548H640", p.wood, 24),
            line("M220 556L206 646M420 556V646M610 556L624 646", p.wood, 22),
            line("M420 540L610 372", p.wood, 22),
            area("M150 500H420L590 340C606 326 632 350 616 368L446 530C440 536 432 540 424 540H150Z", p.main),
            area("M150 524H430L620 350L616 368L446 530C440 536 432 540 424 540H150Z", p.deep),
            turned(-42, 560, 388, box(510, 350, 100, 44, p.light, round_by=22)),
        )
    )


def garden_chair(p: Palette) -> str:
    """A chair with cords stretched over a metal frame."""
    cords = "".join(line(f"M{x} 356L{400 + (x - 400) * 0.94:g} 520", p.main, 9) for x in range(304, 500, 24))
    return "".join(
        (
            shadow(170),
            area("M262 530C248 372 290 322 400 322S552 372 538 530Z", p.linen, opacity=0.35),
            cords,
            line("M266 534C250 372 290 322 400 322S550 372 534 534", p.metal, 16),
            legs(290, 510, top=540, colour=p.metal, width=20, splay=26),
            box(262, 510, 276, 48, p.light, round_by=24),
            box(262, 538, 276, 22, p.main, round_by=11),
        )
    )


def hammock(p: Palette) -> str:
    """A hammock between two posts."""
    return "".join(
        (
            shadow(320),
            line(f"M130 360V{GROUND}", p.bark, 26),
            line(f"M670 360V{GROUND}", p.bark, 26),
            line("M130 384L210 470M670 384L590 470", p.linen, 7),
            area("M200 456C260 640 540 640 600 456C560 520 480 540 400 540S240 520 200 456Z", p.main),
            area("M214 494C280 640 520 640 586 494C530 590 470 600 400 600S270 590 214 494Z", p.deep),
            line("M270 560V590M320 584V614M370 596V626M430 596V626M480 584V614M530 560V590", p.accent, 6),
        )
    )
