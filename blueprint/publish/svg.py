"""Writes the few shapes that our figures are made of as SVG text."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

INK, SOFT, GRID = "#17212b", "#55626f", "#d3dae1"
BLUE, PALE, ORANGE = "#2b6ca3", "#e3e8ed", "#d55e00"
"""Blue and orange stay apart for every kind of colour vision, and in grey by their shapes."""

Point = tuple[float, float]


def drawing(
    name: str, *, width: float, height: float, title: str, described: str, parts: Sequence[str]
) -> Markup:
    """Return an <svg> that a screen reader announces with its title and description.

    Args:
        name: Unique on the page: the ids of title and description begin with it.
        width: Of the view box; the page scales the drawing.
        height: Of the view box.
        title: Plain text, escaped here.
        described: What the drawing shows, in plain text, escaped here.
        parts: What this module's other functions returned.
    """
    lines = [
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-t {name}-d">',
        f'<title id="{name}-t">{escape(title)}</title>',
        f'<desc id="{name}-d">{escape(described)}</desc>',
        *parts,
        "</svg>",
    ]
    # Every part is our own text, and what strangers wrote was escaped on the way in.
    return Markup("\n".join(lines))  # noqa: S704


def text(at: Point, words: str, *, anchor: str, fill: str = INK) -> str:
    """Return plain text, escaped."""
    return (
        f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="13" text-anchor="{anchor}" fill="{fill}">'
        f"{escape(words)}</text>"
    )


def line(start: Point, end: Point, *, stroke: str, width: float) -> str:
    """Return a straight line."""
    return _stroke(f"M{start[0]:g} {start[1]:g}L{end[0]:g} {end[1]:g}", stroke, width)


def bar(start: Point, end: Point, *, stroke: str, width: float) -> str:
    """Return a line with round ends, seen as a dot when it has no length."""
    return _stroke(f"M{start[0]:g} {start[1]:g}L{end[0]:g} {end[1]:g}", stroke, width, round_=True)


def dots(points: Iterable[Point], *, fill: str, size: float) -> str:
    """Return dots as one path: strokes without length and with round ends."""
    path = "".join(f"M{x:g} {y:g}h0" for x, y in points)
    return _stroke(path, fill, size, round_=True)


def crosses(points: Iterable[Point], *, stroke: str) -> str:
    """Return diagonal crosses as one path."""
    path = "".join(f"M{x - 4:g} {y - 4:g}l8 8m-8 0l8 -8" for x, y in points)
    return _stroke(path, stroke, 2)


def diamond(at: Point, *, fill: str) -> str:
    """Return a diamond with a thin white edge."""
    return f'<path d="M{at[0]:g} {at[1] - 6:g}l5 6l-5 6l-5 -6z" fill="{fill}" stroke="#fff"/>'


def box(corner: Point, *, width: float, height: float) -> str:
    """Return a pale box with a thin edge."""
    return (
        f'<rect x="{corner[0]:g}" y="{corner[1]:g}" width="{width:g}" height="{height:g}" '
        f'fill="{PALE}" stroke="{SOFT}"/>'
    )


def _stroke(path: str, stroke: str, width: float, *, round_: bool = False) -> str:
    cap = ' stroke-linecap="round"' if round_ else ""
    return f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{width:g}"{cap}/>'
