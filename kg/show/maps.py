"""Maps: how tense or engaged each state is, one state's relations, and who keeps missions where.

Outlines are those of `kg.geo`, in the Equal Earth projection, which keeps areas comparable (Šavrič, Patterson
and Jenny 2018). States without data are grey, states too small for an outline are dots.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kg.geo import outlines, places
from kg.show.charts import UNIT, names
from kg.show.style import (
    ENGAGEMENT,
    INK,
    NO_DATA,
    PAPER,
    QUIET,
    TENSION,
    Viewed,
    bare,
    empty,
    foot,
    head,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

Points = NDArray[np.float64]

_A = (1.340264, -0.081106, 0.000893, 0.003796)
_SEA, _LEFT_OUT = "#f7f9fb", ("ATA", "ATF")
_EXTENT = (-2.75, 2.75, -1.02, 1.34)
_OPEN, _CLOSED = "#2f6f4f", "#9aa1ab"


def project(points: Points) -> Points:
    """Places (longitude, latitude in degrees) on the Equal Earth projection, in radii of the globe."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    theta = np.arcsin(math.sqrt(3) / 2 * np.sin(lat))
    t2 = theta**2
    t6 = t2**3
    slope = 9 * _A[3] * t6 * t2 + 7 * _A[2] * t6 + 3 * _A[1] * t2 + _A[0]
    x = 2 * math.sqrt(3) * lon * np.cos(theta) / (3 * slope)
    return np.stack([x, theta * (_A[3] * t6 * t2 + _A[2] * t6 + _A[1] * t2 + _A[0])], axis=1)


def _world(axes: Axes, colours: Mapping[str, Any]) -> None:
    """All states, filled with their colour, or grey."""
    from matplotlib.collections import PolyCollection

    bare(axes)
    shapes, fills = [], []
    for code, rings in sorted(outlines().items()):
        if code in _LEFT_OUT:
            continue
        for ring in rings:
            shapes.append(project(np.array(ring)))
            fills.append(colours.get(code, NO_DATA))
    axes.add_collection(PolyCollection(shapes, facecolors=fills, edgecolors=PAPER, linewidths=0.5, zorder=1))
    for code in sorted(set(colours) - set(outlines())):
        if code in places():
            x, y = project(np.array([places()[code]]))[0]
            axes.plot(
                x,
                y,
                "o",
                markersize=4.5,
                color=colours[code],
                markeredgecolor=INK,
                markeredgewidth=0.4,
                zorder=3,
            )
    axes.set_xlim(_EXTENT[0], _EXTENT[1])
    axes.set_ylim(_EXTENT[2], _EXTENT[3])
    axes.set_aspect("equal")


def _scale(colour: str) -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    red, green, blue = (1 - (1 - part) * 0.14 for part in to_rgb(colour))
    return LinearSegmentedColormap.from_list("axis", [(red, green, blue), to_rgb(colour)])


def _bar(figure: Figure, axes: Axes, colour: str, top: float, label: str) -> None:
    """The legend of a scale of colour, inside a map, with what grey means."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    box = axes.get_position()
    inner = figure.add_axes((box.x0 + 0.012, box.y0 + 0.055, 0.2, 0.016))
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, top), _scale(colour)), cax=inner, orientation="horizontal"
    )
    bar.outline.set_visible(False)
    inner.tick_params(length=0, labelsize=7.5)
    inner.set_title(label, fontsize=8, color=colour, loc="left", pad=4)
    swatch = figure.add_axes((box.x0 + 0.222, box.y0 + 0.055, 0.016, 0.016))
    bare(swatch)
    swatch.add_patch(Rectangle((0, 0), 1, 1, color="#dfe2e6"))
    swatch.text(1.4, 0.5, "no data", fontsize=7.5, va="center", color=QUIET)


def choropleth(view: Viewed, *, labels: int = 8) -> Figure:
    """States by all their tension, or engagement, with others: `log2(1 + sum of points per 30 days)`.

    The `labels` highest are named.
    """
    key = "engagement" if view.name == "engagement" else "tension"
    count = "n_coop" if key == "engagement" else "n_conflict"
    colour = ENGAGEMENT if key == "engagement" else TENSION
    points: dict[str, float] = {}
    for row in view.rows:
        if row[count]:
            for end in (row["source"], row["target"]):
                points[end] = points.get(end, 0.0) + 2 ** row[key] - 1
    levels = {code: math.log2(1 + value) for code, value in points.items() if code in places()}
    if not levels:
        return empty(view.title, "no event on this axis between states that lie on the map")
    top = max(levels.values())
    figure = new_figure(9.6, 5.4)
    told = sum(row[count] for row in view.rows)
    head(figure, view.title, f"each state with all others; {told} events of {len(levels)} states")
    axes = figure.add_axes((0.01, 0.055, 0.98, 0.8))
    scale = _scale(colour)
    _world(axes, {code: scale(value / top) for code, value in levels.items()})
    called = names(view)
    first = sorted(levels, key=lambda code: (-levels[code], code))[:labels]
    spots = project(np.array([places()[code] for code in first]))
    place_labels(
        axes, {called.get(c, c): (float(x), float(y)) for c, (x, y) in zip(first, spots, strict=True)}
    )
    _bar(figure, axes, colour, top, f"{key}: {UNIT}")
    foot(figure, f"Outlines: Natural Earth. {view.source_line}")
    return figure


def ego_map(view: Viewed) -> Figure:
    """One actor's tension (above) and engagement (below) with every state; itself in dark."""
    ends = [{row["source"], row["target"]} for row in view.rows]
    middle = set.intersection(*ends) if ends else set()
    if not middle:
        return empty(view.title, "nothing to draw in this window")
    center = min(middle) if len(middle) == 1 else view.rows[0]["source"]
    figure = new_figure(8.2, 9.2)
    head(figure, view.title, f"{len(view.rows)} pairs, {sum(row['n'] for row in view.rows)} events")
    for i, (key, count, colour) in enumerate(
        (("tension", "n_conflict", TENSION), ("engagement", "n_coop", ENGAGEMENT))
    ):
        axes = figure.add_axes((0.01, 0.485 - 0.45 * i, 0.98, 0.43))
        levels = {
            row["target"] if row["source"] == center else row["source"]: row[key]
            for row in view.rows
            if row[count]
        }
        top = max(levels.values(), default=1.0) or 1.0
        scale = _scale(colour)
        _world(axes, {**{code: scale(value / top) for code, value in levels.items()}, center: INK})
        _bar(figure, axes, colour, top, f"{key} with {names(view).get(center, center)}")
        if center in places():
            x, y = project(np.array([places()[center]]))[0]
            axes.plot(
                x, y, "*", markersize=9, color="#f2b632", markeredgecolor=INK, markeredgewidth=0.6, zorder=4
            )
    foot(figure, f"{UNIT}. Outlines: Natural Earth. {view.source_line}")
    return figure


def mission_map(view: Viewed, *, labels: int = 30) -> Figure:
    """Missions as curves from the sending to the receiving state: whole ones are open, dashed ones closed."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import FancyArrowPatch

    rows = [row for row in view.rows if row["source"] in places() and row["target"] in places()]
    if not rows:
        return empty(view.title, "nothing to draw: no mission between states on the map in this window")
    used = sorted({code for row in rows for code in (row["source"], row["target"])})
    where = dict(zip(used, project(np.array([places()[code] for code in used])), strict=True))
    figure = new_figure(9.6, 5.4)
    still = sum(bool(row["open"]) for row in rows)
    head(
        figure, view.title, f"{still} open and {len(rows) - still} closed missions between {len(used)} states"
    )
    axes = figure.add_axes((0.01, 0.055, 0.98, 0.8))
    _world(axes, dict.fromkeys(used, "#dfe7e2"))
    for row in rows:
        axes.add_patch(
            FancyArrowPatch(
                tuple(where[row["source"]]),
                tuple(where[row["target"]]),
                connectionstyle="arc3,rad=0.22",
                arrowstyle="-|>,head_length=5,head_width=2.4",
                color=_OPEN if row["open"] else _CLOSED,
                linewidth=1.5 if row["level"] == "embassy" else 1.0,
                linestyle="solid" if row["open"] else (0, (3, 2)),
                shrinkA=3,
                shrinkB=4,
                zorder=3,
            )
        )
    busy = sorted(used, key=lambda code: (-sum(code in (r["source"], r["target"]) for r in rows), code))
    place_labels(axes, {code: (float(where[code][0]), float(where[code][1])) for code in busy[:labels]})
    marks = [
        Line2D([], [], color=_OPEN, linewidth=1.5, label="open (thick: embassy)"),
        Line2D([], [], color=_CLOSED, linewidth=1.5, linestyle=(0, (3, 2)), label="closed"),
    ]
    axes.legend(handles=marks, loc="lower left", frameon=False, fontsize=8)
    foot(figure, f"Arrows run from sender to host. Outlines: Natural Earth. {view.source_line}")
    return figure


def place_labels(axes: Axes, spots: Mapping[str, tuple[float, float]], font: float = 7.5) -> None:
    """Codes beside their places, left away where they would cover another."""
    from kg.show.style import renderer_of

    renderer = renderer_of(axes.figure)  # type: ignore[arg-type]
    taken: list[tuple[float, float, float, float]] = []
    for code, (x, y) in spots.items():
        for dx, dy, side in ((4, 3, "left"), (-4, 3, "right"), (4, -9, "left"), (-4, -9, "right")):
            text = axes.annotate(
                code, (x, y), xytext=(dx, dy), textcoords="offset points", fontsize=font, ha=side, zorder=5,
                bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.7, "pad": 0.6},
            )  # fmt: skip
            box = text.get_window_extent(renderer)
            if all(box.x1 < b[0] or b[2] < box.x0 or box.y1 < b[1] or b[3] < box.y0 for b in taken):
                taken.append((box.x0, box.y0, box.x1, box.y1))
                break
            text.remove()
