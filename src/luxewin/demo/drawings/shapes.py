"""The few shapes and colours of which every drawing is made, as SVG text."""

from collections.abc import Callable
from dataclasses import dataclass

WIDTH = 800
HEIGHT = 800
MIDDLE = 400
GROUND = 650
"""Where things stand, in the units of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one picture: the room, the thing itself in three shades, and what goes with it."""

    wall: str
    arch: str
    floor: str
    light: str
    main: str
    deep: str
    accent: str
    wood: str = "#b98556"
    bark: str = "#94653d"
    metal: str = "#3d3a38"
    brass: str = "#c79a4b"
    linen: str = "#f6f0e6"
    glow: str = "#ffe9b0"
    leaf: str = "#5f7f5c"
    moss: str = "#476546"


Drawing = Callable[[Palette], str]


def box(x: float, y: float, width: float, height: float, fill: str, *, round_by: float = 0, opacity: float = 1) -> str:
    """Return a rectangle, its corners rounded."""
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{round_by:g}"'
    return f'<rect {place} fill="{fill}"{_faint(opacity)}/>'


def oval(x: float, y: float, across: float, down: float, fill: str, *, opacity: float = 1) -> str:
    """Return an ellipse around a point, by its two radii."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{across:g}" ry="{down:g}" fill="{fill}"{_faint(opacity)}/>'


def area(outline: str, fill: str, *, opacity: float = 1) -> str:
    """Return a filled outline in SVG path notation."""
    return f'<path d="{outline}" fill="{fill}"{_faint(opacity)}/>'


def line(course: str, colour: str, width: float) -> str:
    """Return a stroke with round ends along a course in SVG path notation."""
    return (
        f'<path d="{course}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def turned(degrees: float, x: float, y: float, *parts: str) -> str:
    """Return shapes turned around a point."""
    return f'<g transform="rotate({degrees:g} {x:g} {y:g})">{"".join(parts)}</g>'


def shadow(reach: float, *, x: float = MIDDLE, y: float = GROUND + 4) -> str:
    """Return the shadow under something that stands on the floor."""
    return oval(x, y, reach, 16, "#000", opacity=0.13)


def legs(*places: float, top: float, colour: str, width: float = 18, splay: float = 0) -> str:
    """Return tapered legs from `top` to the ground; `splay` moves the outer feet outwards."""
    drawn = []
    for x in places:
        lean = splay * (1 if x > MIDDLE else -1 if x < MIDDLE else 0)
        half, foot = width / 2, width / 4
        drawn.append(
            area(
                f"M{x - half:g} {top:g}H{x + half:g}L{x + foot + lean:g} {GROUND}H{x - foot + lean:g}Z",
                colour,
            )
        )
    return "".join(drawn)


def _faint(opacity: float) -> str:
    return f' opacity="{opacity:g}"' if opacity < 1 else ""
