# A plot of a few curves as SVG, without a library: what a page under docs/ needs.
# Owns: axes, colours, the legend. Refuses to know: what is plotted.
"""Draw curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_COLOURS = (
    "#0b6e99", "#b3541e", "#3d7a3a", "#7a3a6b", "#5aa9c9", "#d98b5f", "#7fb77c",
    "#b07fa6", "#444444", "#c2a000", "#006b5b", "#a01f3d", "#6a6ad1", "#8c6d46",
)  # fmt: skip
_LEFT, _TOP, _ROOM, _TALL, _LINE = 60, 20, 380, 280, 21


class Curve(NamedTuple):
    """Points of (share, share) and the name of their curve."""

    name: str
    points: Sequence[tuple[float, float]]


def plot(curves: Sequence[Curve], title: str, across: str) -> str:
    """Return an SVG of shares (0 to 1) over shares; `across` names the horizontal axis."""
    most = max((x for curve in curves for x, _ in curve.points), default=1.0)
    ticks = sorted({x for curve in curves for x, _ in curve.points})
    height = max(_TOP + _TALL + 60, _TOP + _LINE * len(curves) + 20)
    width = _LEFT + _ROOM + 48 + 7 * max((len(curve.name) for curve in curves), default=0)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            ' font-family="sans-serif" font-size="12">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        y = _TOP + _TALL * (1 - tick)
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{_LEFT + _ROOM}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{tick:.0%}</text>')
    below = _TOP + _TALL
    for tick in ticks:
        x = _LEFT + _ROOM * tick / most
        parts.append(f'<text x="{x:.1f}" y="{below + 18}" text-anchor="middle">{tick:.0%}</text>')
    parts.append(
        f'<text x="{_LEFT + _ROOM / 2}" y="{below + 40}" text-anchor="middle">{escape(across)}</text>'
    )
    for number, (name, points) in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{_LEFT + _ROOM * x / most:.1f},{_TOP + _TALL * (1 - y):.1f}" for x, y in points)
        at, y = _LEFT + _ROOM + 20, _TOP + _LINE * number
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<rect x="{at}" y="{y}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{at + 18}" y="{y + 11}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
