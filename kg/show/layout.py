"""Network pictures: actors as labels that never overlap, one or two coloured lines for each pair."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kg.show.style import ENGAGEMENT, PAPER, TENSION, bare, renderer_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two actors: `width` in points, drawn beside the other lines of the same pair."""

    a: str
    b: str
    colour: str
    width: float
    arrow: bool = False
    dashed: bool = False
    label: str = ""


def layout(
    nodes: Sequence[str], weights: Mapping[tuple[str, str], float], sizes: Points, room: Points
) -> Points:
    """Positions in points inside `room` (width, height), so that no two boxes of `sizes` overlap.

    Springs pull the ends of heavy edges together (Fruchterman and Reingold 1991, from a fixed start); parts
    of the graph that do not hang together are kept near by a faint pull to the busiest actor of all. Then
    boxes that overlap are pushed apart. If there is not room for all, some overlap remains.
    """
    import networkx as nx

    if len(nodes) == 1:
        return room[None, :] / 2
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    for (a, b), weight in sorted(weights.items()):
        graph.add_edge(a, b, weight=weight)
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    hub = max(sorted(parts[0]), key=lambda code: graph.degree(code, weight="weight"))
    for part in parts[1:]:
        graph.add_edge(hub, max(sorted(part), key=graph.degree), weight=0.02)
    angles = {code: 2 * math.pi * i / len(nodes) for i, code in enumerate(nodes)}
    start = {code: (math.cos(angle), math.sin(angle)) for code, angle in angles.items()}
    found = nx.spring_layout(
        graph, pos=start, k=3.2 / math.sqrt(len(nodes)), iterations=300, weight="weight", seed=7
    )
    place = np.array([found[code] for code in nodes], dtype=np.float64)
    # Ranks even out crowded middles and empty margins; a fifth of the springs keeps the shape.
    place = (place - place.min(axis=0)) / np.maximum(np.ptp(place, axis=0), 1e-9)
    rank = place.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") / (len(nodes) - 1)
    margin = sizes.max(axis=0) / 2 + 4
    place = margin + (0.2 * place + 0.8 * rank) * (room - 2 * margin)
    # Wide gaps let the lines be seen; where there is no room for them, narrower ones must do.
    for gap in (34.0, 26.0, 18.0, 12.0, 6.0):
        apart, free = _apart(place, sizes, room, gap)
        if free:
            break
    return apart


def _apart(place: Points, sizes: Points, room: Points, gap: float) -> tuple[Points, bool]:
    """Push boxes apart until there is a gap around each, within the room; whether that succeeded."""
    place = place.copy()
    one, two = np.triu_indices(len(place), 1)
    need = (sizes[one] + sizes[two]) / 2 + gap
    for _ in range(800):
        delta = place[one] - place[two]
        over = need - np.abs(delta)
        hits = np.flatnonzero((over > 0.01).all(axis=1))
        if not len(hits):
            return place, True
        for i in hits:
            side = int(np.argmin(over[i]))
            sign = 1.0 if delta[i, side] >= 0 else -1.0
            step = over[i, side] / 2 * 0.6
            place[one[i], side] += sign * step
            place[two[i], side] -= sign * step
        place = np.clip(place, sizes / 2 + 2, room - sizes / 2 - 2)
    return place, False


def text_sizes(figure: Figure, labels: Sequence[str], font: float) -> Points:
    """Width and height of labels in points, with the padding of their boxes."""
    from matplotlib.text import Text

    renderer = renderer_of(figure)
    scale = 72 / figure.dpi
    boxes = []
    for label in labels:
        text = Text(0, 0, label, fontsize=font, figure=figure)
        box = text.get_window_extent(renderer)
        boxes.append((box.width * scale + font * 0.9, box.height * scale + font * 0.62))
    return np.array(boxes, dtype=np.float64).reshape(-1, 2)


def draw(
    figure: Figure,
    axes: Axes,
    labels: Mapping[str, str],
    lines: Sequence[Line],
    weights: Mapping[tuple[str, str], float],
    *,
    font: float = 9.0,
    fills: Mapping[str, str] | None = None,
) -> None:
    """Draw a network into `axes`: `labels` by node, `lines` on top of each other side by side.

    `weights` are the pulls of the pairs in the layout, `fills` colours of the boxes.
    """
    bare(axes)
    nodes = sorted(labels)
    if not nodes:
        return
    box = axes.get_position()
    room = np.array([box.width, box.height]) * figure.get_size_inches() * 72
    axes.set_xlim(0, room[0])
    axes.set_ylim(0, room[1])
    sizes = text_sizes(figure, [labels[code] for code in nodes], font)
    place = layout(nodes, weights, sizes, room)
    where = dict(zip(nodes, place, strict=True))
    half = dict(zip(nodes, sizes / 2, strict=True))
    bundles: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        bundles.setdefault((min(line.a, line.b), max(line.a, line.b)), []).append(line)
    for ends, bundle in sorted(bundles.items(), key=lambda item: sum(line.width for line in item[1])):
        _bundle(axes, where, half, ends, bundle, font)
    for code in nodes:
        axes.text(
            float(where[code][0]),
            float(where[code][1]),
            labels[code],
            fontsize=font,
            ha="center",
            va="center_baseline",
            zorder=5,
            bbox={
                "boxstyle": "round,pad=0.38,rounding_size=0.55",
                "facecolor": (fills or {}).get(code, PAPER),
                "edgecolor": "#b9bfc8",
                "linewidth": 0.8,
            },
        )


def _bundle(
    axes: Axes,
    where: Mapping[str, Points],
    half: Mapping[str, Points],
    ends: tuple[str, str],
    bundle: Sequence[Line],
    font: float,
) -> None:
    from matplotlib.patches import FancyArrowPatch

    a, b = where[ends[0]], where[ends[1]]
    along = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
    across = np.array([-along[1], along[0]])
    total = sum(line.width for line in bundle) + 1.2 * (len(bundle) - 1)
    offset = -total / 2
    for line in bundle:
        shift = across * (offset + line.width / 2)
        offset += line.width + 1.2
        start, stop = (a, b) if line.a == ends[0] else (b, a)
        style: dict[str, Any] = {"linestyle": (0, (3, 2.2))} if line.dashed else {}
        if line.arrow:
            tip = stop - _edge(half[line.b], along if line.a == ends[0] else -along)
            axes.add_patch(
                FancyArrowPatch(
                    tuple(start + shift),
                    tuple(tip + shift),
                    arrowstyle=f"-|>,head_length={3 + line.width},head_width={1.6 + line.width / 2}",
                    color=line.colour,
                    linewidth=line.width,
                    shrinkA=0,
                    shrinkB=0,
                    zorder=2,
                    **style,
                )
            )
        else:
            axes.plot(
                *np.transpose([start + shift, stop + shift]),
                color=line.colour,
                linewidth=line.width,
                solid_capstyle="round",
                zorder=2,
                **style,
            )
        if line.label:
            spot = start + (stop - start) * 0.56 + shift
            axes.text(
                float(spot[0]),
                float(spot[1]),
                line.label,
                fontsize=font * 0.72,
                color=line.colour,
                ha="center",
                va="center",
                zorder=3,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            )


def _edge(half: Points, direction: Points) -> Points:
    """From the middle of a box to its border, in a direction."""
    with np.errstate(divide="ignore"):
        reach = np.where(np.abs(direction) > 1e-9, half / np.abs(direction), np.inf)
    return direction * float(reach.min())


def pair_lines(rows: Sequence[Mapping[str, Any]], widest: float = 7.0) -> list[Line]:
    """Two lines for each pair, as wide as its tension and its engagement; levels near 0 get none."""
    top = max([max(row.get("tension") or 0, row.get("engagement") or 0) for row in rows], default=0) or 1
    lines = []
    for row in rows:
        for key, colour in (("tension", TENSION), ("engagement", ENGAGEMENT)):
            width = widest * (row.get(key) or 0) / top
            if width > 0.12:
                lines.append(Line(row["source"], row["target"], colour, max(width, 0.7)))
    return lines
